#include "net/io/uring.hpp"

#include <boost/asio/post.hpp>

#include <spdlog/spdlog.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace observer::io {

namespace {

/// Which operation a result belongs to: the low bits of its user data.
enum class kind : std::uint64_t {
  send,     ///< the rest is its place in `sends_`
  receive,  ///< the rest is a slot, as it is for `writable`
  writable, ///< a socket that was full takes something again
  cancel,   ///< nobody waits for the outcome
};

constexpr std::uint64_t kind_mask = 3;
constexpr int kind_bits = 2;

std::uint64_t tag(kind what, std::uint64_t slot) {
  return slot << kind_bits | static_cast<std::uint64_t>(what);
}

} // namespace

// -- coming and going ---------------------------------------------------------

std::shared_ptr<uring> uring::make(net::io_context& context,
                                   std::error_code& why) {
  int error = 0;
  auto result = std::make_shared<uring>(context, error);
  if (error == 0 && !result->works())
    error = ENOSYS;
  why.assign(error, std::generic_category());
  return error == 0 ? result : nullptr;
}

std::shared_ptr<uring> uring::open(net::io_context& context) {
  std::error_code why;
  auto result = make(context, why);
  if (result)
    result->start();
  else
    spdlog::debug("io.no_uring what={:?}", why.message());
  return result;
}

std::error_code uring::refusal() {
  net::io_context nowhere;
  std::error_code why;
  make(nowhere, why);
  return why;
}

uring::uring(net::io_context& context, int& error)
  : context_(context),
    ready_(context) {
  io_uring_params wanted{};
  wanted.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN
                 | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL
                 | IORING_SETUP_CQSIZE;
  wanted.cq_entries = results;
  error = -io_uring_queue_init_params(entries, &ring_, &wanted);
  if (error != 0)
    return;
  set_up_ = true;
  void* space = nullptr;
  error = ::posix_memalign(&space, 4096, buffers * sizeof(io_uring_buf));
  if (error != 0)
    return;
  offered_ = static_cast<io_uring_buf_ring*>(space);
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uintptr_t>(space);
  registration.ring_entries = buffers;
  registration.bgid = buffer_group;
  error = -io_uring_register_buf_ring(&ring_, &registration, 0);
  if (error != 0)
    return;
  io_uring_buf_ring_init(offered_);
  buffer_space_.resize(buffers * buffer_size);
  for (unsigned i = 0; i < buffers; ++i)
    give_back(i);
  headers_.reserve(entries);
  pieces_.reserve(entries * 4);
}

uring::~uring() {
  close();
}

/// Whether the kernel does what is asked of it here: a socket that is spoken to
/// is the shortest way to know.
bool uring::works() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0)
    return false;
  struct listener final : user {
    void on_sent(int) override {
    }
    void on_received(std::span<char> bytes) override {
      heard += bytes.size();
    }
    void on_receive_end(int) override {
    }
    void on_writable() override {
    }
    std::size_t heard = 0;
  } who;
  receive(who, ends[0], nullptr);
  auto written = ::write(ends[1], "?", 1);
  submit();
  ::close(ends[1]);
  reap();
  ::close(ends[0]);
  return written == 1 && who.heard == 1;
}

void uring::start() {
  ready_.assign(ring_.ring_fd);
  wait();
}

void uring::close() {
  if (std::exchange(closed_, true))
    return;
  // Whoever is let go here may call back.
  auto given_up = std::exchange(operations_, {});
  given_up.clear();
  if (ready_.is_open())
    ready_.release();
  if (set_up_)
    io_uring_queue_exit(&ring_);
  std::free(std::exchange(offered_, nullptr));
}

// -- operations ---------------------------------------------------------------

/// What the entries point to is free again.
void uring::hand_over() {
  if (closed_)
    return;
  for (int tries = 0; io_uring_sq_ready(&ring_) > 0; ++tries) {
    auto result = io_uring_submit(&ring_);
    // The kernel may be short of memory for a moment. But who was promised that
    // its bytes leave must not go on as if they had.
    if (result < 0 && result != -EINTR && tries > 1000)
      throw std::system_error{-result, std::generic_category(),
                              "io_uring_submit"};
  }
  headers_.clear();
  pieces_.clear();
}

io_uring_sqe* uring::next_entry() {
  if (io_uring_sq_space_left(&ring_) == 0)
    hand_over();
  return io_uring_get_sqe(&ring_);
}

uring::slot uring::occupy(user& who, std::shared_ptr<void> keep) {
  if (free_.empty()) {
    free_.push_back(static_cast<slot>(operations_.size()));
    operations_.emplace_back();
  }
  auto result = free_.back();
  free_.pop_back();
  operations_[result] = {&who, std::move(keep)};
  return result;
}

uring::operation uring::vacate(slot which) {
  free_.push_back(which);
  return std::exchange(operations_[which], {});
}

void uring::send(user& who, int socket, const write_queue& queue) {
  std::array<iovec, write_queue::max_gather> gathered;
  auto batch = queue.gather(gathered);
  // What entries point to must not move before they are handed over.
  if (pieces_.capacity() - pieces_.size() < batch.size()
      || headers_.capacity() == headers_.size())
    hand_over();
  auto* entry = next_entry();
  // All or a result that says less; and then nothing is sent behind our back.
  constexpr int flags = MSG_WAITALL | MSG_DONTWAIT | MSG_NOSIGNAL;
  int bytes = 0;
  for (auto& piece : batch)
    bytes += static_cast<int>(piece.iov_len);
  if (batch.size() == 1) {
    io_uring_prep_send(entry, socket, batch[0].iov_base, batch[0].iov_len,
                       flags);
  } else {
    auto* first = pieces_.data() + pieces_.size();
    pieces_.insert(pieces_.end(), batch.begin(), batch.end());
    auto& header = headers_.emplace_back();
    header.msg_iov = first;
    header.msg_iovlen = batch.size();
    io_uring_prep_sendmsg(entry, socket, &header, flags);
  }
  entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
  io_uring_sqe_set_data64(entry, tag(kind::send, sends_.size()));
  sends_.push_back({&who, bytes});
}

void uring::submit() {
  if (closed_)
    return;
  hand_over();
  reap();
  tell_senders();
}

void uring::tell_senders() {
  for (auto& [who, result] : sends_)
    if (!closed_)
      who->on_sent(result);
  sends_.clear();
}

uring::slot uring::receive(user& who, int socket, std::shared_ptr<void> keep) {
  auto which = occupy(who, std::move(keep));
  auto* entry = next_entry();
  io_uring_prep_recv_multishot(entry, socket, nullptr, 0, 0);
  entry->flags |= IOSQE_BUFFER_SELECT;
  entry->buf_group = buffer_group;
  io_uring_sqe_set_data64(entry, tag(kind::receive, which));
  schedule_submit();
  return which;
}

void uring::keep(slot which, std::shared_ptr<void> other) {
  operations_[which].keep = std::move(other);
}

void uring::stop_receiving(slot which) {
  auto* entry = next_entry();
  io_uring_prep_cancel64(entry, tag(kind::receive, which), 0);
  io_uring_sqe_set_data64(entry, tag(kind::cancel, 0));
  schedule_submit();
}

void uring::wait_writable(user& who, int socket, std::shared_ptr<void> keep) {
  auto* entry = next_entry();
  io_uring_prep_poll_add(entry, socket, POLLOUT);
  io_uring_sqe_set_data64(entry,
                          tag(kind::writable, occupy(who, std::move(keep))));
  schedule_submit();
}

void uring::schedule_submit() {
  if (std::exchange(submit_scheduled_, true))
    return;
  net::post(context_, [weak = weak_from_this()] {
    if (auto self = weak.lock()) {
      self->submit_scheduled_ = false;
      self->submit();
    }
  });
}

// -- results ------------------------------------------------------------------

void uring::wait() {
  ready_.async_wait(net::posix::stream_descriptor::wait_read,
                    [weak = weak_from_this()](error_code error) {
                      auto self = weak.lock();
                      if (!self || error || self->closed_)
                        return;
                      self->reap();
                      if (!self->closed_)
                        self->wait();
                    });
}

void uring::reap() {
  std::array<io_uring_cqe*, 128> seen;
  std::array<io_uring_cqe, 128> copies;
  while (!closed_) {
    // Lets the kernel put what has come into buffers, should it wait for that.
    auto count = io_uring_peek_batch_cqe(&ring_, seen.data(), seen.size());
    if (count == 0)
      return;
    for (unsigned i = 0; i < count; ++i)
      copies[i] = *seen[i];
    io_uring_cq_advance(&ring_, count);
    for (unsigned i = 0; i < count && !closed_; ++i)
      dispatch(copies[i]);
  }
}

void uring::dispatch(const io_uring_cqe& result) {
  auto which = static_cast<slot>(result.user_data >> kind_bits);
  switch (static_cast<kind>(result.user_data & kind_mask)) {
    case kind::send:
      sends_[which].result = result.res;
      break;
    case kind::receive:
      on_receive_result(result);
      break;
    case kind::writable: {
      auto done = vacate(which);
      done.who->on_writable();
      break;
    }
    case kind::cancel:
      break;
  }
}

void uring::on_receive_result(const io_uring_cqe& result) {
  auto which = static_cast<slot>(result.user_data >> kind_bits);
  if ((result.flags & IORING_CQE_F_BUFFER) != 0) {
    auto buffer = result.flags >> IORING_CQE_BUFFER_SHIFT;
    if (result.res > 0)
      operations_[which].who->on_received(
        {&buffer_space_[buffer * buffer_size],
         static_cast<std::size_t>(result.res)});
    if (closed_)
      return;
    give_back(buffer);
  }
  if ((result.flags & IORING_CQE_F_MORE) != 0)
    return;
  auto done = vacate(which);
  // Having received something is no reason to end.
  done.who->on_receive_end(result.res > 0 ? -ENOBUFS : result.res);
}

void uring::give_back(unsigned buffer) {
  io_uring_buf_ring_add(offered_, &buffer_space_[buffer * buffer_size],
                        buffer_size, static_cast<unsigned short>(buffer),
                        io_uring_buf_ring_mask(buffers), 0);
  io_uring_buf_ring_advance(offered_, 1);
}

} // namespace observer::io
