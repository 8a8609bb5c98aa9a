import { stat } from "node:fs/promises";

/**
 * What tells one state of files on disk from another, as far as their places, times and sizes say, and one folder
 * from another in its place; symbolic links are followed.
 */
export async function fileStates(paths: readonly string[]): Promise<string> {
  const found = paths.map(async (path) => {
    const file = await stat(path);
    const place = `${path}:${file.dev}:${file.ino}`;
    // What comes and goes in a folder is for those who watch it.
    return file.isDirectory() ? place : `${place}:${file.size}:${file.mtimeMs}`;
  });
  return (await Promise.allSettled(found))
    .map((each, i) => (each.status === "fulfilled" ? each.value : `${paths[i]}:none`))
    .join("\n");
}
