from openai import OpenAI

client = OpenAI()
TREE = {"name": "library", "children": [{"name": "novels", "children": [{"name": "Dune", "children": []}, {"name": "Emma", "children": []}]}, {"name": "maps", "children": []}]}


def summarise(node):
    parts = [summarise(child) for child in node["children"]]
    return client.responses.create(model="gpt-5-mini", input=f"Summarise {node['name']} of {parts}").output_text


print(summarise(TREE))
