// One connection's bytes, plain or under TLS. Private to the server: this header shows Asio.
//
// All calls and callbacks happen on the thread of the io_context. One read and one write may be
// under way at the same time; what a callback keeps alive stays alive until it was called.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"
#include "server/server.h"

namespace yagura::server {

class Wire {
  public:
    using Failure = boost::system::error_code;
    using Done = std::function<void(Failure, size_t)>;
    using Buffers = std::vector<boost::asio::const_buffer>;

    virtual ~Wire() = default;
    virtual bool is_secure() const = 0;
    virtual void handshake(std::function<void(Failure)> done) = 0;
    virtual void read_some(boost::asio::mutable_buffer into, Done done) = 0;
    virtual void write_some(const Buffers& from, Done done) = 0;
    // Tells the other end that nothing more will come; what it sends can still be read.
    virtual void end_sending(std::function<void()> done) = 0;
    // Whether the other end has sent all it will, read or not.
    virtual bool has_ended() = 0;
    virtual void close() = 0;
};

// Makes wires of accepted sockets.
using Wiring = std::function<std::unique_ptr<Wire>(boost::asio::ip::tcp::socket)>;

// TLS when the options name a certificate.
Result<Wiring> make_wiring(const Options& options);

}  // namespace yagura::server
