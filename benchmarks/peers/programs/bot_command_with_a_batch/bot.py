import os

import discord
from discord.ext import commands

from digest import submit_digest

bot = commands.Bot(command_prefix="!", intents=discord.Intents.all())


@bot.command()
async def digest(context: commands.Context) -> None:
    messages = [message.content async for message in context.channel.history(limit=50)]
    number = submit_digest(messages)
    await context.send(f"Your digest is on its way: {number}")


bot.run(os.environ["DISCORD_TOKEN"])
