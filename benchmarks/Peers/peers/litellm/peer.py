"""LiteLLM's proxy: other work, not the same script. A whole chat completion of a mocked model, its limits kept in Redis."""
import os

import tools
import workload
from place import numbered_users
from processes import Server, free_port

HERE = os.path.dirname(os.path.abspath(__file__))


class Peer:
    name, title, reserves = "litellm", "LiteLLM proxy (own endpoint)", False

    def __init__(self, place):
        self._place = place

    def install(self):
        self._bin = tools.python_environment("litellm", os.path.join(HERE, "requirements.txt"))

    def start(self):
        port = free_port()
        with open(os.path.join(HERE, "config.yaml"), encoding="utf-8") as file:
            text = file.read().replace("@REDIS_PORT@", str(self._place.redis_port))
        words = [os.path.join(self._bin, "litellm"), "--config", self._place.write("litellm.yaml", text),
                 "--host", "127.0.0.1", "--port", str(port)]
        environment = {"LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        self.server = Server(self.name, words, self._place.folder, environment, port)
        self.server.wait_for_port(90)
        return self.server

    def load(self, _reserves):
        return numbered_users(self.server.port, "/v1/chat/completions", workload.CHAT_BODY)

    def versions(self):
        return {"litellm": tools.package_version(self._bin, "litellm")}
