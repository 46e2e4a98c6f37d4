"""The message bus on Redis. The only package that imports ``redis``."""

from shared.redis_bus.address import RedisAddress, address_from
from shared.redis_bus.console_link import RedisConsoleBus
from shared.redis_bus.tray_link import RedisTrayBus

__all__ = ["RedisAddress", "RedisConsoleBus", "RedisTrayBus", "address_from"]
