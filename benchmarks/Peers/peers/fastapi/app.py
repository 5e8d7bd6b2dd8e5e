"""A reserve in FastAPI: the JSON request in, the user's command to Redis, a JSON answer out."""
import itertools
import os

import redis.asyncio
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel

app = FastAPI()
# A pool that waits: the plain one answers with an error when more requests come in than it has connections.
pool = redis.asyncio.BlockingConnectionPool(max_connections=64, timeout=None, host="127.0.0.1", port=int(os.environ["REDIS_PORT"]))
store = redis.asyncio.Redis(connection_pool=pool)
numbers = itertools.count(1)
commands = {}
name_format = ""


class Reserve(BaseModel):
    user: str
    feature: str = "default"
    model: str
    input_tokens: int
    max_output_tokens: int
    ttl_seconds: int = 120


class Held(BaseModel):
    reservation_id: str
    model: str
    max_output_tokens: int


@app.put("/commands")
async def learn(request: Request):
    """Every user's command: its words, each as the pieces around a reservation's name."""
    global name_format
    body = await request.json()
    name_format = f".x%0{body['name_length'] - 2}d"
    for user, words in body["commands"].items():
        commands[user] = [[bytes.fromhex(piece) for piece in pieces] for pieces in words]
    return {}


@app.post("/reserve")
async def reserve(request: Reserve) -> Held:
    command = commands.get(request.user)
    if command is None:
        raise HTTPException(400, "no such user")
    name = name_format % next(numbers)
    await store.execute_command("EVALSHA", *(name.encode().join(pieces) for pieces in command))
    return Held(reservation_id=name, model=request.model, max_output_tokens=request.max_output_tokens)
