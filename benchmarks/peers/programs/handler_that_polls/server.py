import asyncio
import os

from aiohttp import web
from mistralai import Mistral

client = Mistral(api_key=os.environ["MISTRAL_API_KEY"])
routes = web.RouteTableDef()


@routes.post("/label")
async def label(request: web.Request) -> web.Response:
    file = (await request.json())["file"]
    job = client.batch.jobs.create(input_files=[file], model="mistral-small-latest", endpoint="/v1/chat/completions")
    while job.status in ("QUEUED", "RUNNING"):
        await asyncio.sleep(2)
        job = client.batch.jobs.get(job_id=job.id)
    return web.json_response({"output": job.output_file})


app = web.Application()
app.add_routes(routes)
web.run_app(app)
