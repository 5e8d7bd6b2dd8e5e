"""nginx with Lua: one worker reads the JSON request and runs the user's command over kept connections (lua-nginx-redis)."""
import os

import tools
import workload
from place import numbered_users, teach
from processes import Server, free_port

HERE = os.path.dirname(os.path.abspath(__file__))


class Peer:
    name, title, reserves = "nginx", "nginx + Lua", True

    def __init__(self, place):
        self._place = place

    def install(self):
        tools.install_packages({
            "nginx": "/usr/sbin/nginx", "libnginx-mod-http-lua": "/usr/lib/nginx/modules/ngx_http_lua_module.so",
            "lua-nginx-redis": "/usr/share/lua/5.1/nginx/redis.lua", "lua-cjson": "/usr/lib/*/lua/5.1/cjson.so"})

    def start(self):
        port = free_port()
        with open(os.path.join(HERE, "nginx.conf"), encoding="utf-8") as file:
            text = file.read()
        values = {"@FOLDER@": self._place.folder, "@LUA@": HERE, "@PORT@": port, "@REDIS_PORT@": self._place.redis_port}
        for name, value in values.items():
            text = text.replace(name, str(value))
        words = ["/usr/sbin/nginx", "-p", self._place.folder, "-c", self._place.write("nginx.conf", text)]
        self.server = Server(self.name, words, self._place.folder, port=port)
        self.server.wait_for_port(10)
        return self.server

    def load(self, reserves):
        teach(self.server.port, reserves)
        return numbered_users(self.server.port, "/reserve", workload.RESERVE_BODY)

    def versions(self):
        return {name: tools.debian_version(name) for name in ("nginx", "libnginx-mod-http-lua", "lua-nginx-redis")}
