print('{"rows": []}')
