// How long it takes to decode and encode the usual packets.
//   cmake --build build/release --target codec_bench
//   build/release/bin/codec_bench

#include "net/engineio/outgoing.hpp"
#include "net/engineio/packet.hpp"
#include "net/sio/encoding.hpp"
#include "net/socketio/encoding.hpp"
#include "net/socketio/msgpack.hpp"
#include "net/socketio/packet.hpp"

#include <benchmark/benchmark.h>
#include <string>

namespace {

const socketio::packet_limits limits;

using namespace observer;

std::string message_of(std::int64_t bytes) {
  return R"({"room_id":1000,"text":")"
         + std::string(static_cast<std::size_t>(bytes), 'x') + "\"}";
}

boost::json::object message_value(std::int64_t bytes) {
  return {{"room_id", 1000},
          {"text", std::string(static_cast<std::size_t>(bytes), 'x')}};
}

/// A packet as it comes in a WebSocket frame, Engine.IO type included.
std::string text_event(std::int64_t bytes) {
  return R"(427["message",)" + message_of(bytes) + "]";
}

const std::string binary_event
  = R"(451-["upload",{"name":"x","data":{"_placeholder":true,"num":0}}])";

void decode_text_event(benchmark::State& state) {
  const auto in = text_event(state.range(0));
  socketio::decoder decoder{limits};
  for (auto _ : state) {
    auto packet = engineio::decode_packet(in);
    auto result = decoder.decode_text(packet->data);
    benchmark::DoNotOptimize(result);
  }
}
BENCHMARK(decode_text_event)->Arg(16)->Arg(64)->Arg(1024);

void decode_binary_event(benchmark::State& state) {
  const std::string bytes(64, '\x01');
  socketio::decoder decoder{limits};
  for (auto _ : state) {
    auto packet = engineio::decode_packet(binary_event);
    auto head = decoder.decode_text(packet->data);
    auto result = decoder.decode_binary(bytes);
    benchmark::DoNotOptimize(result);
  }
}
BENCHMARK(decode_binary_event);

void decode_payload_of_16(benchmark::State& state) {
  std::string payload;
  for (int i = 0; i < 16; ++i) {
    if (i > 0)
      payload.push_back(engineio::payload_separator);
    payload += text_event(64);
  }
  socketio::decoder decoder{limits};
  for (auto _ : state) {
    engineio::payload_reader reader{payload, 4096};
    while (auto next = reader.next()) {
      if (!*next)
        break;
      auto result = decoder.decode_text((*next)->data);
      benchmark::DoNotOptimize(result);
    }
  }
}
BENCHMARK(decode_payload_of_16);

void encode_text_event(benchmark::State& state) {
  sio::message what{message_value(state.range(0))};
  for (auto _ : state)
    benchmark::DoNotOptimize(
      sio::encode_event(socketio::parser::json, "/", "message", what, 7));
}
BENCHMARK(encode_text_event)->Arg(16)->Arg(64)->Arg(1024);

void encode_binary_event(benchmark::State& state) {
  sio::message what;
  auto stand_in = what.attach(std::string(64, '\x01'));
  what.arguments.push_back(
    boost::json::object{{"name", "x"}, {"data", stand_in}});
  for (auto _ : state)
    benchmark::DoNotOptimize(
      sio::encode_event(socketio::parser::json, "/", "upload", what));
}
BENCHMARK(encode_binary_event);

// -- MessagePack -----------------------------------------------------------

/// A packet as `socket.io-msgpack-parser` writes it, the options left out.
std::string packed_event(const boost::json::value& argument,
                         const std::vector<std::string>& attachments = {}) {
  std::string out;
  socketio::append_msgpack(
    out,
    boost::json::object{
      {"type", 2}, {"data", {"message", argument}}, {"nsp", "/"}, {"id", 7}},
    attachments);
  return out;
}

void decode_msgpack(benchmark::State& state, const std::string& in) {
  socketio::decoder decoder{limits, socketio::parser::msgpack};
  for (auto _ : state) {
    auto result = decoder.decode_binary(in);
    benchmark::DoNotOptimize(result);
  }
}

void decode_msgpack_event(benchmark::State& state) {
  decode_msgpack(state, packed_event(message_value(state.range(0))));
}
BENCHMARK(decode_msgpack_event)->Arg(16)->Arg(64)->Arg(1024);

void decode_msgpack_binary_event(benchmark::State& state) {
  sio::message what;
  boost::json::object argument{{"name", "x"},
                               {"data", what.attach(std::string(64, '\x01'))}};
  decode_msgpack(state, packed_event(argument, what.attachments));
}
BENCHMARK(decode_msgpack_binary_event);

void encode_msgpack_event(benchmark::State& state) {
  sio::message what{message_value(state.range(0))};
  for (auto _ : state)
    benchmark::DoNotOptimize(
      sio::encode_event(socketio::parser::msgpack, "/", "message", what, 7));
}
BENCHMARK(encode_msgpack_event)->Arg(16)->Arg(64)->Arg(1024);

void encode_msgpack_binary_event(benchmark::State& state) {
  sio::message what;
  auto stand_in = what.attach(std::string(64, '\x01'));
  what.arguments.push_back(
    boost::json::object{{"name", "x"}, {"data", stand_in}});
  for (auto _ : state)
    benchmark::DoNotOptimize(
      sio::encode_event(socketio::parser::msgpack, "/", "upload", what));
}
BENCHMARK(encode_msgpack_binary_event);

/// A payload that is written as JSON already, as the room server has it.
void encode_event_of_text(benchmark::State& state, socketio::parser how) {
  const auto payload = message_of(state.range(0));
  for (auto _ : state) {
    socketio::packet_writer out{how, socketio::packet_type::event, "/", {}};
    out.add_text("message");
    out.add_json(payload);
    benchmark::DoNotOptimize(out.finish());
  }
}
BENCHMARK_CAPTURE(encode_event_of_text, json, socketio::parser::json)->Arg(64);
BENCHMARK_CAPTURE(encode_event_of_text, msgpack, socketio::parser::msgpack)
  ->Arg(64);

/// What each of the receivers of one event costs by polling; on a WebSocket
/// they share the frame, and it costs a pointer.
void append_16_events_to_payload(benchmark::State& state) {
  auto event = engineio::outgoing::make_message(text_event(64).substr(1));
  std::string payload;
  for (auto _ : state) {
    payload.clear();
    for (int i = 0; i < 16; ++i)
      event->append_to_payload(payload);
    benchmark::DoNotOptimize(payload);
  }
}
BENCHMARK(append_16_events_to_payload);

} // namespace

BENCHMARK_MAIN();
