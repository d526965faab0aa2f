def load(props: object) -> dict[str, str]:
    return {"text": str(props)}
