"""``python3 -m ipwatch``: the command ``ipwatch``, also in a checkout that is not set up yet."""

from ipwatch.checkout import run_in_environment

if __name__ == "__main__":
    run_in_environment("ipwatch")
    from ipwatch.cli import main

    main(prog_name="ipwatch")
