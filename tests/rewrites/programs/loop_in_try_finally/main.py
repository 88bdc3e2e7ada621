from openai import OpenAI


def run(path):
    client = OpenAI()
    out = open("out.txt", "w", encoding="utf-8")
    written = 0
    try:
        for line in open(path, encoding="utf-8"):
            reply = client.responses.create(model="gpt-5-mini", input=f"Proofread: {line.strip()}")
            print(reply.output_text, file=out)
            written += 1
    except KeyboardInterrupt:
        print("interrupted")
    finally:
        out.close()
        print(written, "lines")


run("reviews.txt")
