/** The page to sign in on: the key becomes a cookie that no script can read, and the page itself comes. */

const form = document.querySelector("form")!;
const key = document.querySelector("input")!;
const said = document.querySelector("#said")!;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void signIn();
});

async function signIn(): Promise<void> {
  said.textContent = "";
  try {
    const headers = { Authorization: `Bearer ${key.value.trim()}` };
    const response = await fetch(new URL("v1/session", document.baseURI), { method: "POST", headers });
    if (response.ok) location.reload();
    else say(response.status === 401 ? "This is not a key that is known here." : await reason(response));
  } catch {
    say("The server cannot be reached, or the key has characters that no key has.");
  }
}

async function reason(response: Response): Promise<string> {
  const told = (await response.json()) as { error?: { message?: string } };
  return told.error?.message ?? "That did not work.";
}

function say(words: string): void {
  said.textContent = words;
  key.select();
}
