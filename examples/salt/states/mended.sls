# The mending of the odd sheep step by step, as a chain: each step on what the one before it left.
# bellwether.repaired finds such a path by itself; this one is for who wants to choose the steps.
include:
  - bellwether

the tools that make images are whole:
  bellwether.packages_intact:
    - packages:
        - kmod
    - require:
        - file: bellwether executable

# What a damaged kmod had a part in may look good and be old: rebuild once, whatever the check says of it.
images made with damaged tools are made anew:
  bellwether.rebuilt:
    - kernels: all
    - when: always
    - onchanges:
        - bellwether: the tools that make images are whole

every image is good:
  bellwether.rebuilt:
    - kernels: all
    - require:
        - bellwether: the tools that make images are whole
        - bellwether: images made with damaged tools are made anew

this host will boot:
  bellwether.healthy:
    - kernels: all
    - require:
        - bellwether: every image is good
