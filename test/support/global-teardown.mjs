import { rm } from 'node:fs/promises';

export default async function tearDown() {
  const { server, hosts, directory } = globalThis.usherTestServers;
  await hosts.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
