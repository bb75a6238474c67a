// peer.cjs FOLDER RECORDS.jsonl: pushes the records from a PouchDB to a server in another process, pulls them into an empty one, and
// prints how long it took, the bytes that passed and the memory of both, as a line of JSON.
const { fork } = require('child_process');
const fs = require('fs');
const net = require('net');

const folder = process.argv[2];

if (process.argv[3] === '--serve') {
  const PouchDB = require('pouchdb').defaults({ prefix: folder + '/' });
  const app = require('express')();
  const options = { mode: 'fullCouchDB', configPath: folder + '/config.json', logPath: folder + '/log.txt' };
  app.use('/', require('express-pouchdb')(PouchDB, options));
  const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('message', () => process.send({ peak: peak() }));
} else {
  main().catch((fault) => { console.error(fault); process.exit(1); });
}

// The most memory that this process ever had, in KiB.
function peak() {
  return Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
}

// A line between both that counts what passes.
function counted(port) {
  const count = { bytes: 0 };
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    near.on('data', (part) => { count.bytes += part.length; });
    far.on('data', (part) => { count.bytes += part.length; });
    near.pipe(far).pipe(near);
    for (const end of [near, far]) end.on('error', () => { near.destroy(); far.destroy(); });
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done([server.address().port, count, server])));
}

async function main() {
  fs.mkdirSync(folder + '/there', { recursive: true });
  fs.mkdirSync(folder + '/here', { recursive: true });
  const server = fork(__filename, [folder + '/there', '--serve']);
  const { port } = await new Promise((done) => server.once('message', done));
  const [line, count, proxy] = await counted(port);
  const PouchDB = require('pouchdb').defaults({ prefix: folder + '/here/' });
  const records = fs.readFileSync(process.argv[3], 'utf8').trim().split('\n').map((text) => JSON.parse(text));
  const near = new PouchDB('near');
  for (let at = 0; at < records.length; at += 1000) await near.bulkDocs(records.slice(at, at + 1000));
  const far = `http://127.0.0.1:${line}/far`;
  await new PouchDB(far).info();
  const timed = async (act) => {
    const [bytes, begun] = [count.bytes, process.hrtime.bigint()];
    await act();
    return { seconds: Number(process.hrtime.bigint() - begun) / 1e9, bytes: count.bytes - bytes };
  };
  const options = { batch_size: 1000, batches_limit: 4 };
  const push = await timed(() => near.replicate.to(far, options));
  const again = new PouchDB('again');
  const pull = await timed(() => again.replicate.from(far, options));
  const held = (await again.info()).doc_count;
  server.send('peak');
  const { peak: there } = await new Promise((done) => server.once('message', done));
  console.log(JSON.stringify({ records: records.length, held, push, pull, peak_client_kib: peak(), peak_server_kib: there }));
  proxy.close();
  server.kill();
  process.exit(0);
}
