// Asks tasks about one image. The file's bytes go out as they are.
import { post } from "./api.js";
import { multipartForm } from "./form.js";
import { limited } from "./limit.js";

const top = 5;
const neighbours = 6;
const oneOfFew = limited(4);

const imagePart = file => ({ name: "image", filename: file.name, content: file });

async function askOne(task, file) {
  const path = `v1/tasks/${encodeURIComponent(task)}/predict?top=${top}`;
  return [await (await post(path, file, "application/octet-stream")).json()];
}

async function askSeveral(tasks, file) {
  const { body, type } = multipartForm([imagePart(file)]);
  const path = `v1/predict?tasks=${tasks.map(encodeURIComponent).join(",")}&top=${top}`;
  return (await (await post(path, body, type)).json()).results;
}

/** @returns {Promise<Object[]>} an answer for each of `tasks`, in their order; one that failed has `error` */
export const predict = (tasks, file) =>
  oneOfFew(() => tasks.length === 1 ? askOne(tasks[0], file) : askSeveral(tasks, file));

/** Asks a task file that the server does not keep, with the rows of its bank that decided. */
export function predictByFile({ name, content }, file) {
  const { body, type } = multipartForm([{ name: "task", filename: `${name}.task`, content }, imagePart(file)]);
  return oneOfFew(async () => {
    const answer = await (await post(`v1/predict?top=${top}&neighbours=${neighbours}`, body, type)).json();
    return answer.results?.[0] ?? answer;
  });
}
