/** The facts about the machine and the process that a record carries. */

import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

import type { EngineStatus } from '@fashion-bench/engine';
import type { MachineInfo } from '@fashion-bench/report';

/** Instruction sets that decide how fast this project's arithmetic is; the rest of the flags is noise. */
const FEATURES = [
  ...['sse4_2', 'avx', 'f16c', 'fma', 'avx2', 'avx512f', 'avx512bw', 'avx512vl'],
  ...['avx512_vnni', 'avx_vnni', 'avx512_bf16', 'amx_tile', 'amx_int8', 'amx_bf16'],
  ...['asimd', 'asimddp', 'i8mm', 'bf16', 'sve', 'sve2'],
];

export interface ProcessorFacts {
  readonly physicalCores: number | null;
  readonly features: readonly string[];
}

/** Reads the text of Linux's /proc/cpuinfo. x86 says `flags`, ARM says `Features` and has no core ids. */
export function parseCpuInfo(text: string): ProcessorFacts {
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/));
  const cores = new Set<string>();
  for (const block of text.split(/\n\s*\n/)) {
    const core = /^core id\s*:\s*(\d+)/m.exec(block)?.[1];
    if (core === undefined) continue;
    const socket = /^physical id\s*:\s*(\d+)/m.exec(block)?.[1] ?? '0';
    cores.add(`${socket}/${core}`);
  }
  return {
    physicalCores: cores.size === 0 ? null : cores.size,
    features: FEATURES.filter((name) => flags.has(name)),
  };
}

function processorFacts(): ProcessorFacts {
  try {
    return parseCpuInfo(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return { physicalCores: null, features: [] }; // not Linux
  }
}

/** @param engines the GPU is the one that an engine computes on. */
export function machineInfo(engines: readonly EngineStatus[] = []): MachineInfo {
  const processors = cpus();
  const { physicalCores, features } = processorFacts();
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return {
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    physicalCores,
    logicalCores: Math.max(1, processors.length),
    availableCores: availableParallelism(),
    architecture: arch(),
    cpuFeatures: features,
    memoryBytes: totalmem(),
    os: `${type()} ${release()}`,
    loadAverage: process.platform === 'win32' ? null : [one, five, fifteen],
    gpu: gpuOf(engines),
  };
}

function gpuOf(engines: readonly EngineStatus[]): MachineInfo['gpu'] {
  for (const status of engines) {
    if (status.state !== 'available' || !status.engine.gpu) continue;
    const { device, driver = null } = status.engine;
    return { name: device, driver, memoryBytes: null };
  }
  return null;
}

/** Largest resident set so far, worker threads included. Node gives kilobytes on every system. */
export function peakMemoryBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
