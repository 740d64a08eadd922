"""What the environment tells the gateway."""

from dataclasses import dataclass
from pathlib import Path

from chassis.mongo_drivers import DriverName
from chassis.tracing import SAMPLE_RATIO


@dataclass(frozen=True, kw_only=True)
class Config:
    """Environment: `GATEWAY_<FIELD>`. The defaults suit one machine.

    Attributes:
        mongo_uri_file: Holds the URI of a replica set.
        database: Its own, for its signing keys.
        redis_url: Of a Redis that may be away.
        key_file: 32 random bytes in base64 that wrap the signing keys.
        peers: The services as `name=host:port`, separated by commas.
        mongo_driver: `motor` or `pymongo`; what is kept is the same.
        tls_dir: Holds tls.crt, tls.key and ca.crt: HTTPS for callers, mTLS with the services;
            plaintext without.
        pictures_dir: Pictures of products, served at /pictures/; empty for none.
        near_cache: Keeps encoded product views; off, each is asked for anew.
        secure_cookies: Cookies are for HTTPS alone, and browsers are told to come by nothing
            else for a year. Set it where TLS ends before us.
        proxies_count: Proxies of ours that add to X-Forwarded-For.
        sample_ratio: How many of the requests are traced.
        otlp_endpoint: Where spans go; nowhere without.
        unready_s: From not ready to refusing, until nobody routes to us any more.
        drain_s: How long requests under way may still take.
    """

    mongo_uri_file: Path
    database: str
    redis_url: str
    key_file: Path
    peers: str
    mongo_driver: DriverName = DriverName.MOTOR
    address: str = "127.0.0.1:8080"
    tls_dir: str = ""
    pictures_dir: str = ""
    near_cache: bool = True
    secure_cookies: bool = False
    proxies_count: int = 0
    reuse_port: bool = False
    sample_ratio: float = SAMPLE_RATIO
    otlp_endpoint: str = ""
    log_level: str = "INFO"
    unready_s: float = 3.0
    drain_s: float = 10.0
    check_interval_s: float = 5.0
