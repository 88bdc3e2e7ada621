import json

import streamlit as st
from openai import OpenAI

client = OpenAI()


def submit() -> None:
    body = {"model": "gpt-5-mini", "input": "Summarise:\n" + st.session_state["text"]}
    line = json.dumps({"custom_id": "text", "method": "POST", "url": "/v1/responses", "body": body})
    file = client.files.create(file=("text.jsonl", line.encode()), purpose="batch")
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h")
    st.session_state["batch"] = batch.id


st.text_area("Text", key="text")
st.button("Summarise", on_click=submit)
st.write(st.session_state.get("batch", ""))
