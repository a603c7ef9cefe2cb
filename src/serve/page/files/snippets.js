// Programs that ask the chosen tasks, ready to paste. Names are quoted for the shell and for Python.

const photo = "photo.jpg";

/** A word of a POSIX shell. */
const inShell = text => `'${text.replaceAll("'", "'\\''")}'`;

/** A string of Python. JSON's escapes are all Python's too. */
const inPython = text => JSON.stringify(text);

const pythonList = names => `[${names.map(inPython).join(", ")}]`;

function curl({ base, tasks, needsKey }) {
  const lines = needsKey ? ["  -H 'Authorization: Bearer YOUR_KEY'"] : [];
  if (tasks.length === 1) {
    const address = `${base}v1/tasks/${encodeURIComponent(tasks[0])}/predict?top=3`;
    lines.push(`  --data-binary @${photo}`, `  ${inShell(address)}`);
  } else {
    const address = `${base}v1/predict?tasks=${tasks.map(encodeURIComponent).join(",")}&top=3`;
    lines.push(`  -F image=@${photo}`, `  ${inShell(address)}`);
  }
  return ["curl -sS", ...lines].join(" \\\n") + "\n";
}

function python({ base, tasks, needsKey }) {
  const key = needsKey ? '    request.add_header("Authorization", "Bearer YOUR_KEY")\n' : "";
  return `import json
import urllib.parse
import urllib.request

image = open(${inPython(photo)}, "rb").read()
for task in ${pythonList(tasks)}:
    address = ${inPython(`${base}v1/tasks/`)} + urllib.parse.quote(task, safe="") + "/predict?top=3"
    request = urllib.request.Request(address, image, {"Content-Type": "application/octet-stream"})
${key}    with urllib.request.urlopen(request) as answer:
        for prediction in json.load(answer)["predictions"]:
            print(task, prediction["label"], round(prediction["score"], 3))
`;
}

function tritonclient({ base, tasks, needsKey }) {
  const address = new URL(base);
  const place = address.host + address.pathname.replace(/\/$/, "");
  const key = needsKey ? ', headers={"Authorization": "Bearer YOUR_KEY"}' : "";
  const secure = address.protocol === "https:" ? ", ssl=True" : "";
  return `# pip install "tritonclient[http]"
import numpy
import tritonclient.http as httpclient

client = httpclient.InferenceServerClient(${inPython(place)}${secure})
image = numpy.array([open(${inPython(photo)}, "rb").read()], dtype=object)
given = httpclient.InferInput("image", [1], "BYTES")
given.set_data_from_numpy(image)
wanted = httpclient.InferRequestedOutput("scores", class_count=3)
for task in ${pythonList(tasks)}:
    answer = client.infer(task, [given], outputs=[wanted]${key})
    for line in answer.as_numpy("scores").flatten():
        score, number, label = line.decode().split(":", 2)
        print(task, label, round(float(score), 3))
`;
}

/**
 * @param {{base: string, tasks: string[], needsKey: boolean}} about base: the server's address, with a slash at its end
 * @returns {{id: string, title: string, purpose: string, text: string}[]}
 */
export const snippets = about => [
  { id: "curl", title: "curl", purpose: "In a shell.", text: curl(about) },
  { id: "python", title: "Python", purpose: "Nothing to install.", text: python(about) },
  { id: "tritonclient", title: "tritonclient", purpose: "Python, by the Open Inference Protocol.",
    text: tritonclient(about) },
];
