#pragma once

#include "net/io/net.hpp"
#include "net/io/write_queue.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <cstdint>
#include <liburing.h>
#include <memory>
#include <span>
#include <sys/socket.h>
#include <system_error>
#include <vector>

namespace observer::io {

/// One loop's io_uring. A whole fan-out is handed to the kernel in one system
/// call, and input comes without any: the kernel puts it into buffers that all
/// connections share, and says so in a ring.
///
/// The ring lives beside the loop's reactor, which only learns from it that
/// there is something to reap. Used on its loop only.
class uring : public std::enable_shared_from_this<uring> {
public:
  /// Who is told what became of an operation.
  class user {
  public:
    virtual ~user() = default;

    /// @param result bytes that left, or an errno, negative.
    virtual void on_sent(int result) = 0;

    /// Valid, and free to be changed, during the call.
    virtual void on_received(std::span<char> bytes) = 0;

    /// Receiving has ended.
    /// @param result 0: the peer says nothing more; `-ECANCELED`: as asked;
    ///        `-ENOBUFS`: try again; or another errno, negative.
    virtual void on_receive_end(int result) = 0;

    virtual void on_writable() = 0;
  };

  /// Names an operation that is under way.
  using slot = std::uint32_t;

  /// @returns null where the kernel has no io_uring, or does not let us have
  ///          it, or it cannot all that we need (Linux 6.1 can).
  [[nodiscard]] static std::shared_ptr<uring> open(net::io_context& context);

  /// What stands in the way of a ring, found out by making one; no error:
  /// nothing does.
  [[nodiscard]] static std::error_code refusal();

  uring(net::io_context& context, int& error);
  ~uring();
  uring(const uring&) = delete;
  uring& operator=(const uring&) = delete;

  /// Waits for what there is to reap, from here on.
  void start();

  /// Gives up all that is under way; nobody is told.
  void close();

  /// Sends what is at the front of a queue; never waits for the peer. Takes
  /// effect with `submit`, until when `who`, `socket` and `queue` must stay.
  /// A result of fewer bytes than were there says that the socket is full.
  void send(user& who, int socket, const write_queue& queue);

  /// Hands over what was prepared, and tells everybody what became of it.
  void submit();

  /// Hands over what was prepared; what became of it is told later. To be
  /// called before a socket is closed: its number may be another's by the time
  /// of `submit`.
  void hand_over();

  /// Receives until told to stop, or until there is nothing more.
  /// @param keep holds `who` until `on_receive_end`.
  slot receive(user& who, int socket, std::shared_ptr<void> keep);

  /// Holds another until `on_receive_end`.
  void keep(slot which, std::shared_ptr<void> other);

  /// `on_receive_end` follows, perhaps after something more was received.
  void stop_receiving(slot which);

  /// Calls `on_writable` once, when the socket takes something again, or is
  /// broken.
  void wait_writable(user& who, int socket, std::shared_ptr<void> keep);

private:
  /// Ring entries: operations that one system call hands over, and results
  /// that can wait.
  static constexpr unsigned entries = 1024;
  static constexpr unsigned results = 4 * entries;

  /// Buffers for input, shared by all connections of the loop.
  static constexpr unsigned buffers = 512;
  static constexpr std::size_t buffer_size = 2048;
  static constexpr int buffer_group = 0;

  struct operation {
    user* who = nullptr;
    std::shared_ptr<void> keep;
  };

  /// A send is done, or has failed, when its entry is handed over; only what
  /// fell short of the whole has a result in the ring.
  struct outcome {
    user* who;
    int result; ///< the whole, until the ring says otherwise
  };

  /// One that is yet to be started; null with the reason in `why`.
  static std::shared_ptr<uring> make(net::io_context& context,
                                     std::error_code& why);

  [[nodiscard]] io_uring_sqe* next_entry();
  [[nodiscard]] bool works();
  slot occupy(user& who, std::shared_ptr<void> keep);
  operation vacate(slot which);
  void give_back(unsigned buffer);
  void schedule_submit();
  void wait();
  void reap();
  void tell_senders();
  void dispatch(const io_uring_cqe& result);
  void on_receive_result(const io_uring_cqe& result);

  net::io_context& context_;
  io_uring ring_{};
  io_uring_buf_ring* offered_ = nullptr; ///< buffers that the kernel may fill
  std::vector<char> buffer_space_;
  net::posix::stream_descriptor ready_;
  std::vector<operation> operations_;
  std::vector<slot> free_;
  /// What the entries that are not submitted point to.
  std::vector<msghdr> headers_;
  std::vector<iovec> pieces_;
  std::vector<outcome> sends_; ///< whose senders are not told yet
  bool set_up_ = false;
  bool submit_scheduled_ = false;
  bool closed_ = false;
};

} // namespace observer::io
