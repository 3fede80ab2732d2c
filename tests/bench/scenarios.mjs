// What is measured: loads of the generator, and the figures that are taken from its report.

const cpu = ({ server }) => server.cpu_user_us_per_unit + server.cpu_system_us_per_unit;
const cost = (title) => [{ title, of: cpu }];
const mib = (kib) => kib / 1024;

/// `figures` are of one run each; less is better, but where `more` says otherwise. `args` may need a rate that an earlier scenario found.
export function scenariosOf({ seconds, idleSeconds }) {
  const timed = ["--duration", `${seconds}s`, "--warmup", "1s"];
  const fanout = (rooms, members, ...more) => ["fanout", "--rooms", `${rooms}`, "--members", `${members}`, ...more, ...timed];
  // A generator that sleeps would add the time that it takes to be woken to each latency.
  const punctual = ["--busy-poll"];
  const slow = (stopped) => ["slow", "--readers", "20", "--stopped", `${stopped}`, "--rate", "500", ...punctual, ...timed];
  return [
    { name: "100x10", figures: cost("100 rooms × 10, 64 B, 8 in flight"), args: fanout(100, 10, "--in-flight", "8"), rate: ({ per_second }) => per_second / 10 },
    { name: "100x10-1", figures: cost("100 rooms × 10, 64 B, 1 in flight"), args: fanout(100, 10) },
    { name: "100x10-1k", figures: cost("100 rooms × 10, 1 KiB, 1 in flight"), args: fanout(100, 10, "--bytes", "1024") },
    { name: "1x1000", figures: cost("1 room × 1,000, 64 B"), args: fanout(1, 1000) },
    { name: "10x100", figures: cost("10 rooms × 100, 64 B"), args: fanout(10, 100) },
    { name: "echo", figures: cost("echo with ack, 500 connections"), args: ["echo", "--connections", "500", ...timed] },
    { name: "connect", figures: cost("connect and join"), args: ["connect", "--connections", "2000", ...timed] },
    { name: "churn", figures: cost("connect, join, say, leave"), args: ["churn", "--connections", "100", ...timed] },
    {
      name: "idle",
      args: ["idle", "--connections", "10000", "--members", "10", "--duration", `${idleSeconds}s`, "--warmup", "3s"],
      figures: [
        { title: "10,000 idle: KiB resident each", of: ({ server }) => (server.rss_kib_after - server.rss_kib_at_start) / 10_000 },
        { title: "10,000 idle: % of a core", of: ({ server }) => 100 * server.cores },
      ],
    },
    {
      name: "latency", // at half of what the first server can do at most
      args: (rate) => fanout(100, 10, "--rate", `${Math.max(1, Math.floor(rate / 2))}`, ...punctual),
      needs: "100x10",
      figures: [
        { title: "half of Node's maximum rate: p50, µs", of: ({ latency_us }) => latency_us.p50 },
        { title: "half of Node's maximum rate: p99, µs", of: ({ latency_us }) => latency_us.p99 },
      ],
    },
    { name: "readers", args: slow(0), figures: [{ title: "20 readers: p99, µs", of: ({ latency_us }) => latency_us.p99 }] },
    {
      name: "slow",
      args: slow(4),
      figures: [
        { title: "4 of 20 readers stop: p99 of the others, µs", of: ({ latency_us }) => latency_us.p99 },
        { title: "4 of 20 readers stop: MiB the server grows", of: ({ server }) => mib(Math.max(0, server.rss_kib_after - server.rss_kib_before)) },
      ],
    },
    {
      name: "two-loops", // both cores belong to both the server and the generator
      args: fanout(100, 10, "--in-flight", "8"),
      servers: ["observer", "observer, 2 loops"],
      cores: ["0,1", "0,1"],
      figures: [
        { title: "two cores, 100 × 10, 8 in flight: CPU µs per delivery", of: cpu },
        { title: "the same: cores that the server had", of: ({ server }) => server.cores, more: true },
        { title: "the same: cores that the generator had", of: ({ generator }) => generator.cores, more: true },
        { title: "the same: deliveries a second", of: ({ per_second }) => per_second, more: true },
      ],
    },
  ];
}
