"""Composition root: reads the environment and serves until told to stop."""

import uvloop

from chassis import config, logs
from chassis.server import AddressInUseError, settle_memory
from services.gateway.config import Config
from services.gateway.opening import NAME
from services.gateway.serving import serve


def main() -> None:
    cfg = config.from_env(Config, prefix="GATEWAY")
    logs.configure(NAME, level=cfg.log_level)
    try:
        uvloop.run(serve(cfg, started=settle_memory))
    except AddressInUseError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
