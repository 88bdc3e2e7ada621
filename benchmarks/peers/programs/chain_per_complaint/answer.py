import psycopg
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI

prompt = ChatPromptTemplate.from_template("Draft a polite answer to this complaint:\n{complaint}")
chain = prompt | ChatOpenAI(model="gpt-5-mini") | StrOutputParser()


def draft_all(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        complaints = connection.execute("SELECT id, body FROM complaints WHERE draft IS NULL").fetchall()
        for number, body in complaints:
            draft = chain.invoke({"complaint": body})
            connection.execute("UPDATE complaints SET draft = %s WHERE id = %s", (draft, number))


if __name__ == "__main__":
    draft_all("postgresql:///shop")
