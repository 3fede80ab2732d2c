// What the kernel alone costs: a program that copies frames between sockets by
// io_uring, and does nothing that a server does besides. It knows the load
// generator's own events by their first letters, believes whatever it is told,
// and ends at the first thing that it does not expect. No server that makes the
// same system calls can be cheaper; how much dearer it is, is its own doing.
//
// Usage: floor PORT

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <liburing.h>
#include <memory>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

constexpr unsigned entries = 4096;
constexpr unsigned buffers = 1024; // shared by all connections
constexpr std::size_t buffer_size = 4096;

/// The answer to the one key that the load generator sends.
constexpr std::string_view upgrade
  = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
constexpr std::string_view opened
  = R"(0{"sid":"floor","upgrades":[],"pingInterval":25000,)"
    R"("pingTimeout":20000,"maxPayload":1000000})";
constexpr std::string_view message_head
  = R"(42["message",{"id":"1000-12345","from":{"id":1000,"name":"member"},)"
    R"("sent_at":"2026-01-01T00:00:00.000Z",)";

struct connection {
  explicit connection(int its_socket) : socket(its_socket) {
  }

  int socket;
  bool upgraded = false;
  bool dirty = false;
  std::int64_t room = 0;
  std::string in;      ///< what is not a whole frame yet
  std::string out;     ///< what leaves with the next batch
  std::string leaving; ///< what the entry of this batch points to
};

using room = std::vector<connection*>;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "floor: %s\n", what);
  std::exit(1);
}

std::int64_t number_behind(std::string_view in, std::string_view key) {
  auto at = in.find(key);
  std::int64_t result = 0;
  if (at != std::string_view::npos)
    std::from_chars(in.data() + at + key.size(), in.data() + in.size(), result);
  return result;
}

class program {
public:
  explicit program(std::uint16_t port);
  [[noreturn]] void run();

private:
  void accept_more();
  void receive(connection& who);
  void give_back(unsigned buffer);
  void on_accepted(int socket);
  void on_received(connection& who, std::string_view bytes);
  void on_frame(connection& who, std::string_view text);
  void on_event(connection& who, std::string_view packet);
  void enter(connection& who, std::int64_t where, std::string_view ack);
  void close(connection& who);
  void send(connection& who, std::string_view text);
  void answer(connection& who, std::string_view ack, std::string_view with);
  connection& mark(connection& who);
  void flush();

  io_uring_sqe* entry() {
    auto* result = io_uring_get_sqe(&ring_);
    if (result == nullptr) {
      io_uring_submit(&ring_);
      result = io_uring_get_sqe(&ring_);
    }
    return result;
  }

  int listener_;
  io_uring ring_{};
  io_uring_buf_ring* offered_ = nullptr;
  std::vector<char> space_ = std::vector<char>(buffers * buffer_size);
  std::unordered_map<int, std::unique_ptr<connection>> connections_;
  std::unordered_map<std::int64_t, room> rooms_;
  std::vector<connection*> dirty_;
  std::int64_t last_room_ = 1000;
};

program::program(std::uint16_t port)
  : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(listener_, IPPROTO_TCP, TCP_NODELAY, &on,
               sizeof on); // inherited
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  where.sin_port = htons(port);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0
      || ::listen(listener_, 4096) != 0)
    fail("cannot listen");
  io_uring_params wanted{};
  wanted.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN
                 | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE;
  wanted.cq_entries = 4 * entries;
  int error = io_uring_queue_init_params(entries, &ring_, &wanted);
  io_uring_buf_reg registration{};
  offered_ = static_cast<io_uring_buf_ring*>(
    std::aligned_alloc(4096, buffers * sizeof(io_uring_buf)));
  registration.ring_addr = reinterpret_cast<std::uintptr_t>(offered_);
  registration.ring_entries = buffers;
  if (error != 0 || io_uring_register_buf_ring(&ring_, &registration, 0) != 0)
    fail("no io_uring");
  io_uring_buf_ring_init(offered_);
  for (unsigned i = 0; i < buffers; ++i)
    give_back(i);
  accept_more();
}

void program::run() {
  std::array<io_uring_cqe*, 256> seen;
  for (;;) {
    io_uring_submit_and_wait(&ring_, 1);
    while (auto count = io_uring_peek_batch_cqe(&ring_, seen.data(), 256)) {
      for (unsigned i = 0; i < count; ++i) {
        auto& result = *seen[i];
        auto* who = reinterpret_cast<connection*>(result.user_data);
        if (who == nullptr) {
          on_accepted(result.res);
          if ((result.flags & IORING_CQE_F_MORE) == 0)
            accept_more();
        } else if ((result.flags & IORING_CQE_F_BUFFER) != 0) {
          auto buffer = result.flags >> IORING_CQE_BUFFER_SHIFT;
          on_received(*who, {&space_[buffer * buffer_size],
                             static_cast<std::size_t>(result.res)});
          give_back(buffer);
          if ((result.flags & IORING_CQE_F_MORE) == 0)
            receive(*who);
        } else if (result.res == -ENOBUFS) {
          receive(*who);
        } else {
          close(*who); // its end, as sends that succeed say nothing
        }
      }
      io_uring_cq_advance(&ring_, count);
    }
    flush();
  }
}

// -- sockets ------------------------------------------------------------------

void program::accept_more() {
  auto* next = entry();
  io_uring_prep_multishot_accept(next, listener_, nullptr, nullptr, 0);
  io_uring_sqe_set_data(next, nullptr);
}

void program::on_accepted(int socket) {
  if (socket < 0)
    fail("cannot accept");
  auto& place = connections_[socket];
  place = std::make_unique<connection>(socket);
  receive(*place);
}

void program::receive(connection& who) {
  auto* next = entry();
  io_uring_prep_recv_multishot(next, who.socket, nullptr, 0, 0);
  next->flags |= IOSQE_BUFFER_SELECT;
  next->buf_group = 0;
  io_uring_sqe_set_data(next, &who);
}

void program::give_back(unsigned buffer) {
  io_uring_buf_ring_add(offered_, &space_[buffer * buffer_size], buffer_size,
                        static_cast<unsigned short>(buffer),
                        io_uring_buf_ring_mask(buffers), 0);
  io_uring_buf_ring_advance(offered_, 1);
}

void program::close(connection& who) {
  std::erase(rooms_[who.room], &who);
  std::erase(dirty_, &who);
  ::close(who.socket);
  connections_.erase(who.socket);
}

connection& program::mark(connection& who) {
  if (!std::exchange(who.dirty, true))
    dirty_.push_back(&who);
  return who;
}

void program::flush() {
  for (auto* who : dirty_) {
    who->dirty = false;
    who->leaving.swap(who->out);
    who->out.clear();
    auto* next = entry();
    io_uring_prep_send(next, who->socket, who->leaving.data(),
                       who->leaving.size(), MSG_WAITALL | MSG_NOSIGNAL);
    next->flags |= IOSQE_CQE_SKIP_SUCCESS;
    io_uring_sqe_set_data(next, who);
  }
  dirty_.clear();
}

// -- frames -------------------------------------------------------------------

void append_frame(std::string& out, std::size_t size) {
  out += '\x81';
  if (size < 126) {
    out += static_cast<char>(size);
  } else {
    out += '\x7E';
    out += static_cast<char>(size >> 8);
    out += static_cast<char>(size);
  }
}

void program::send(connection& who, std::string_view text) {
  auto& out = mark(who).out;
  append_frame(out, text.size());
  out += text;
}

void program::answer(connection& who, std::string_view ack,
                     std::string_view with) {
  if (ack.empty())
    return;
  auto& out = mark(who).out;
  append_frame(out, 2 + ack.size() + with.size());
  out.append("43").append(ack).append(with);
}

void program::on_received(connection& who, std::string_view bytes) {
  who.in += bytes;
  if (!who.upgraded) {
    if (!who.in.ends_with("\r\n\r\n"))
      return;
    who.upgraded = true;
    who.in.clear();
    mark(who).out += upgrade;
    return send(who, opened);
  }
  std::size_t at = 0;
  for (auto* in = reinterpret_cast<unsigned char*>(who.in.data());;) {
    auto left = who.in.size() - at;
    if (left < 6)
      break;
    std::size_t size = in[at + 1] & 0x7F;
    std::size_t head = 6;
    if (size == 126) {
      head = 8;
      size = static_cast<std::size_t>(in[at + 2] << 8 | in[at + 3]);
    }
    if (left < head + size)
      break;
    auto* text = in + at + head;
    for (std::size_t i = 0; i < size; ++i)
      text[i] ^= text[static_cast<std::ptrdiff_t>(i & 3) - 4];
    auto opcode = in[at] & 0x0F;
    if (opcode == 1)
      on_frame(who, {reinterpret_cast<char*>(text), size});
    else if (opcode == 8)
      ::shutdown(who.socket, SHUT_WR);
    at += head + size;
  }
  who.in.erase(0, at);
}

void program::on_frame(connection& who, std::string_view text) {
  if (text == "40")
    send(who, R"(40{"sid":"floor"})");
  else if (text.starts_with("42"))
    on_event(who, text.substr(2));
}

void program::on_event(connection& who, std::string_view packet) {
  auto bracket = packet.find('[');
  auto ack = packet.substr(0, bracket);
  auto event = packet.substr(bracket + 2);
  constexpr std::string_view message = R"(message",{)";
  if (event.starts_with(message)) {
    auto rest = event.substr(message.size());
    auto said = [&](std::string& out) {
      append_frame(out, message_head.size() + rest.size());
      out.append(message_head).append(rest);
    };
    for (auto* member : rooms_[number_behind(event, R"("room_id":)")])
      said(mark(*member).out);
    answer(who, ack, R"([{"ok":true}])");
  } else if (event.starts_with("host")) {
    enter(who, ++last_room_, ack);
  } else if (event.starts_with("join")) {
    enter(who, number_behind(event, R"("room_id":)"), ack);
  } else if (event.starts_with("leave")) {
    std::erase(rooms_[who.room], &who);
    answer(who, ack, R"([{"ok":true}])");
  } else if (event.starts_with("activity")) {
    answer(who, ack, R"([{"ok":true}])");
  }
}

void program::enter(connection& who, std::int64_t where, std::string_view ack) {
  who.room = where;
  rooms_[where].push_back(&who);
  answer(who, ack,
         R"([{"ok":true,"room_id":)" + std::to_string(where)
           + R"(,"user_id":1000}])");
}

} // namespace

int main(int count, char** arguments) {
  if (count != 2)
    fail("usage: floor PORT");
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  program{static_cast<std::uint16_t>(std::atoi(arguments[1]))}.run();
}
