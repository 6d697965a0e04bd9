"""``python3 -m ipwatch``: the command ``ipwatch``, in a checkout without any set-up before."""

from ipwatch.checkout import run_in_environment

if __name__ == "__main__":
    run_in_environment("ipwatch")
    from ipwatch.cli import main

    main(prog_name="ipwatch")
