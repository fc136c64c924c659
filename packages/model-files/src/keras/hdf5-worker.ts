/** The thread in which libhdf5 runs: bytes in and plain data out, or the other way round. Started by hdf5-thread.ts. */
import { parentPort } from 'node:worker_threads';
import h5wasm from 'h5wasm';
import type { FromThread, ToThread } from './keras-file.ts';
import { readKerasFile, readWeights, Refusal } from './read-hdf5.ts';
import { writeKerasFile, writeWeights } from './write-hdf5.ts';

/** What libhdf5 may take; it asks for more through this function, and without it for up to 4 GiB. */
const MAX_MEMORY_BYTES = 1 << 28;
const PAGE_BYTES = 1 << 16;

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow: (this: WasmMemory, pages: number) => number;
}
// Neither Node's types nor the language's have it.
declare const WebAssembly: { readonly Memory: { readonly prototype: WasmMemory } };

const memory = WebAssembly.Memory.prototype;
const { grow } = memory;
memory.grow = function (pages) {
  if (this.buffer.byteLength + pages * PAGE_BYTES > MAX_MEMORY_BYTES) {
    throw new RangeError('libhdf5 asks for too much memory');
  }
  return grow.call(this, pages);
};

const library = await h5wasm.ready;
const { FS } = library;
// Else libhdf5 prints, and hands on what happened to be in memory.
library.activate_throwing_error_handler();
let count = 0;

function answer(message: ToThread): FromThread {
  const path = `/${count++}.h5`;
  try {
    if (isWriting(message)) {
      const file = new h5wasm.File(path, 'w');
      if (message.kind === 'write') writeKerasFile(file, message.file);
      else writeWeights(file, message.layers);
      file.close();
      return { kind: 'bytes', bytes: new Uint8Array(FS.readFile(path)) };
    }
    // The last one: without a copy.
    FS.createDataFile('/', path.slice(1), message.bytes, true, true, true);
    const file = new h5wasm.File(path, 'r');
    if (file.file_id < 0n) throw new Refusal('corrupt', 'is no whole HDF5 file');
    const { limits } = message;
    const reply: FromThread =
      message.kind === 'read'
        ? { kind: 'file', file: readKerasFile(file, limits) }
        : { kind: 'weights', layers: readWeights(file, message.groups, limits) };
    file.close();
    return reply;
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', code: error.code, why: error.message };
    if (isWriting(message)) throw error;
    return { kind: 'refused', code: 'corrupt', why: 'is damaged: libhdf5 cannot read it' };
  } finally {
    FS.unlink(path);
  }
}

function isWriting(message: ToThread): message is Extract<ToThread, { kind: `write${string}` }> {
  return message.kind.startsWith('write');
}

parentPort?.on('message', (message: ToThread) => {
  const reply = answer(message);
  parentPort?.postMessage(reply, buffersOf(reply));
});

/** Handed over and not copied. */
function buffersOf(reply: FromThread): ArrayBuffer[] {
  if (reply.kind === 'bytes') return [reply.bytes.buffer];
  if (reply.kind === 'refused') return [];
  const { layers } = reply.kind === 'file' ? reply.file : reply;
  return layers.flatMap(({ weights }) => weights.map(({ data }) => data.buffer));
}
