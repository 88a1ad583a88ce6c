base:
  '*':
    - bellwether
