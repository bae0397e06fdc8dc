import { spawnSync } from 'node:child_process';

// These are rows of docs/platforms.md. When a Node no longer ends, its row goes, and so may what the package does about it.
const [major] = process.versions.node.split('.').map(Number);

/** Programs that do without this package what it avoids, each with the first Node that they end, and the error. */
const programs = [
  {
    title: 'the stream of a form that is cancelled while it is read',
    from: 24,
    error: 'Invalid state',
    program: `
      const form = new FormData();
      form.append('a', 'b');
      const reader = new Response(form).body.getReader();
      await reader.read();
      await reader.cancel();`,
  },
  {
    title: 'a form that is sent with a signal that was aborted before',
    from: 24,
    error: 'Invalid state',
    program: `
      const form = new FormData();
      form.append('a', 'b');
      const init = { method: 'POST', body: form, signal: AbortSignal.abort() };
      await fetch('http://127.0.0.1:9/', init).catch(() => undefined);`,
  },
  {
    title: 'the abort of a data: URL whose body is unread',
    from: 24,
    error: "reading 'error'",
    program: `
      const controller = new AbortController();
      await fetch('data:text/plain,hello', { signal: controller.signal });
      controller.abort();`,
  },
];

describe("Node's own fetch", () => {
  for (const { title, from, error, program } of programs) {
    it(`from Node ${from} on does not survive ${title}`, () => {
      const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual(major! >= from ? [1, jasmine.stringContaining(error)] : [0, '']);
    });
  }
});
