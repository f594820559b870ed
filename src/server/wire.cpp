#include "server/wire.h"

#include <boost/asio/ssl.hpp>
#include <fmt/format.h>
#include <poll.h>

#include "base/messages/server.h"

namespace yagura::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

void end_sending_of(tcp::socket& socket) {
    Wire::Failure ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

bool has_ended_of(tcp::socket& socket) {
    pollfd asked{socket.native_handle(), POLLRDHUP, 0};
    return ::poll(&asked, 1, 0) > 0 && (asked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void close_socket(tcp::socket& socket) {
    Wire::Failure ignored;
    socket.close(ignored);
}

class PlainWire : public Wire {
  public:
    explicit PlainWire(tcp::socket socket) : socket_(std::move(socket)) {}

    bool is_secure() const override { return false; }
    void handshake(std::function<void(Failure)> done) override { done({}); }
    void read_some(asio::mutable_buffer into, Done done) override {
        socket_.async_read_some(into, std::move(done));
    }
    void write_some(const Buffers& from, Done done) override {
        socket_.async_write_some(from, std::move(done));
    }
    void end_sending(std::function<void()> done) override {
        end_sending_of(socket_);
        done();
    }
    bool has_ended() override { return has_ended_of(socket_); }
    void close() override { close_socket(socket_); }

  private:
    tcp::socket socket_;
};

class TlsWire : public Wire {
  public:
    TlsWire(tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
        : context_(std::move(context)), stream_(std::move(socket), *context_) {}

    bool is_secure() const override { return true; }
    void handshake(std::function<void(Failure)> done) override {
        stream_.async_handshake(asio::ssl::stream_base::server, std::move(done));
    }
    void read_some(asio::mutable_buffer into, Done done) override {
        stream_.async_read_some(into, std::move(done));
    }
    void write_some(const Buffers& from, Done done) override {
        stream_.async_write_some(from, std::move(done));
    }
    // close_notify goes out at once; that of the other end may never come, so the caller has a
    // deadline (RFC 8446, 6.1).
    void end_sending(std::function<void()> done) override {
        stream_.async_shutdown([done = std::move(done)](Failure) { done(); });
    }
    bool has_ended() override { return has_ended_of(stream_.next_layer()); }
    void close() override { close_socket(stream_.next_layer()); }

  private:
    std::shared_ptr<asio::ssl::context> context_;  // shared by all connections
    asio::ssl::stream<tcp::socket> stream_;
};

// http/1.1 when the client offers it, RFC 7301; a client that offers only others is refused.
int choose_protocol(SSL*,
                    const unsigned char** out,
                    unsigned char* out_size,
                    const unsigned char* offered,
                    unsigned int offered_size,
                    void*) {
    static constexpr unsigned char kOurs[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    const int found =
        SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs - 1, offered, offered_size);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<std::shared_ptr<asio::ssl::context>> make_context(const Options& options) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX* native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");  // of TLS 1.2
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    Wire::Failure failed;
    context->use_certificate_chain_file(options.certificate.string(), failed);
    if (failed) {
        return fail(
            Code::invalid,
            say(message::server_bad_certificate, options.certificate.string(), failed.message()));
    }
    context->use_private_key_file(options.key.string(), asio::ssl::context::pem, failed);
    if (!failed && SSL_CTX_check_private_key(native) != 1) failed = asio::error::invalid_argument;
    if (failed) {
        return fail(Code::invalid,
                    say(message::server_bad_key, options.key.string(), failed.message()));
    }
    return context;
}

}  // namespace

Result<Wiring> make_wiring(const Options& options) {
    if (options.certificate.empty()) {
        return Wiring([](tcp::socket socket) -> std::unique_ptr<Wire> {
            return std::make_unique<PlainWire>(std::move(socket));
        });
    }
    YAGURA_TRY(const auto context, make_context(options));
    return Wiring([context](tcp::socket socket) -> std::unique_ptr<Wire> {
        return std::make_unique<TlsWire>(std::move(socket), context);
    });
}

}  // namespace yagura::server
