#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <vector>

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "raw_client.h"
#include "server/server.h"
#include "support/folder.h"

using namespace yagura;
using server::RawClient;
using server::Server;

namespace {

// A certificate of "localhost" that signs itself.
struct Certificate {
    test::Folder folder;

    explicit Certificate(std::string_view common_name = "localhost") { write(common_name); }
    // A new key and certificate in the place of the old.
    void write(std::string_view common_name) const {
        EVP_PKEY* key = EVP_EC_gen("P-256");
        X509* x509 = X509_new();
        X509_gmtime_adj(X509_getm_notBefore(x509), 0);
        X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
        X509_set_pubkey(x509, key);
        X509_NAME* subject = X509_get_subject_name(x509);
        X509_NAME_add_entry_by_txt(subject,
                                   "CN",
                                   MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(common_name.data()),
                                   static_cast<int>(common_name.size()),
                                   -1,
                                   0);
        X509_set_issuer_name(x509, subject);
        X509_sign(x509, key, EVP_sha256());
        FILE* file = fopen(certificate().c_str(), "w");
        PEM_write_X509(file, x509);
        fclose(file);
        file = fopen(private_key().c_str(), "w");
        PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
        fclose(file);
        X509_free(x509);
        EVP_PKEY_free(key);
    }

    std::string certificate() const { return folder / "cert.pem"; }
    std::string private_key() const { return folder / "key.pem"; }
};

server::Options options_with(const Certificate& certificate) {
    server::Options options;
    options.port = 0;
    options.certificate = certificate.certificate();
    options.key = certificate.private_key();
    options.limits.header_time = std::chrono::milliseconds(2000);
    return options;
}

server::Handled say_scheme(const http::Request& request) {
    return {http::Response::text(request.is_secure ? "secure" : "plain", "text/plain"), "/"};
}

// What a TLS client of at most this version gets for `request`; empty when it is not let in.
std::string ask(uint16_t port, std::string_view request, int most = TLS1_3_VERSION) {
    RawClient raw(port);
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()),
                                                               SSL_CTX_free);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), most);
    SSL_CTX_set_security_level(context.get(), 0);
    const std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(context.get()), SSL_free);
    SSL_set_fd(ssl.get(), raw.descriptor());
    if (SSL_connect(ssl.get()) != 1) return {};
    SSL_write(ssl.get(), request.data(), static_cast<int>(request.size()));
    std::string answer;
    char bytes[4096];
    int got = 0;
    while ((got = SSL_read(ssl.get(), bytes, sizeof bytes)) > 0)
        answer.append(bytes, static_cast<size_t>(got));
    return answer;
}

// Whose certificate a server shows.
std::string name_shown(uint16_t port) {
    RawClient raw(port);
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()),
                                                               SSL_CTX_free);
    const std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(context.get()), SSL_free);
    SSL_set_fd(ssl.get(), raw.descriptor());
    if (SSL_connect(ssl.get()) != 1) return {};
    const std::unique_ptr<X509, void (*)(X509*)> shown(SSL_get1_peer_certificate(ssl.get()),
                                                       X509_free);
    char name[64] = {};
    X509_NAME_get_text_by_NID(
        X509_get_subject_name(shown.get()), NID_commonName, name, sizeof name);
    return name;
}

// What was told of renewed certificates.
class Told {
  public:
    void add(const Result<void>& renewed) {
        const std::lock_guard lock(mutex_);
        sentences_.push_back(renewed ? "" : renewed.error().sentence());
        changed_.notify_all();
    }
    // The next one; a test that waits for more than that fails.
    std::string next() {
        std::unique_lock lock(mutex_);
        REQUIRE(changed_.wait_for(
            lock, std::chrono::seconds(10), [&] { return sentences_.size() > read_; }));
        return sentences_[read_++];
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> sentences_;
    size_t read_ = 0;
};

constexpr std::string_view kRequest =
    "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

}  // namespace

TEST_CASE("requests come over TLS 1.2 and 1.3, and not over what is older") {
    const Certificate certificate;
    auto server = Server::start(options_with(certificate), say_scheme);
    REQUIRE(server);
    CHECK(ask((*server)->port(), kRequest).ends_with("secure"));
    CHECK(ask((*server)->port(), kRequest, TLS1_2_VERSION).ends_with("secure"));
    CHECK(ask((*server)->port(), kRequest, TLS1_1_VERSION).empty());
}

TEST_CASE("a long answer passes through TLS whole") {
    const Certificate certificate;
    const std::string body(3'000'000, 'x');
    auto server = Server::start(options_with(certificate), [&](const http::Request&) {
        return server::Handled{http::Response::text(body, "text/plain"), "/"};
    });
    REQUIRE(server);
    const std::string answer = ask((*server)->port(), kRequest);
    CHECK(answer.size() > body.size());
    CHECK(answer.ends_with("xxx"));
}

TEST_CASE("what is no TLS on the port of TLS is let go") {
    const Certificate certificate;
    auto server = Server::start(options_with(certificate), say_scheme);
    REQUIRE(server);
    RawClient plain((*server)->port());
    plain.send(kRequest);
    CHECK(plain.is_closed());
    RawClient silent((*server)->port());
    CHECK(silent.is_closed());
}

TEST_CASE("a certificate that cannot be used is said to be so before anything listens") {
    const Certificate certificate;
    const Certificate other;
    server::Options options = options_with(certificate);
    options.key = other.private_key();
    CHECK_FALSE(Server::start(options, say_scheme));
    options = options_with(certificate);
    options.certificate = certificate.folder / "gone.pem";
    const auto gone = Server::start(options, say_scheme);
    REQUIRE_FALSE(gone);
    CHECK(gone.error().sentence().find("gone.pem") != std::string::npos);
}

TEST_CASE(
    "a renewed certificate is shown to the next client, when asked to or when it is noticed") {
    const Certificate certificate("first.example");
    Told told;
    server::Options options = options_with(certificate);
    options.certificate_look = std::chrono::milliseconds(0);
    options.tell_certificate = [&](const Result<void>& renewed) { told.add(renewed); };
    auto server = Server::start(options, say_scheme);
    REQUIRE(server);
    const uint16_t port = (*server)->port();
    CHECK(name_shown(port) == "first.example");
    certificate.write("second.example");
    CHECK(told.next().empty());
    CHECK(name_shown(port) == "second.example");
    (*server)->renew_certificate();
    CHECK(told.next().empty());
    CHECK(name_shown(port) == "second.example");
}

TEST_CASE("a broken new certificate leaves the old one in use and is told") {
    const Certificate certificate("first.example");
    Told told;
    server::Options options = options_with(certificate);
    options.certificate_look = std::chrono::hours(1);
    options.tell_certificate = [&](const Result<void>& renewed) { told.add(renewed); };
    auto server = Server::start(options, say_scheme);
    REQUIRE(server);
    const uint16_t port = (*server)->port();
    std::ofstream(certificate.certificate()) << "half a certificate";
    (*server)->renew_certificate();
    CHECK(told.next().find(certificate.certificate()) != std::string::npos);
    CHECK(name_shown(port) == "first.example");
    CHECK(ask(port, kRequest).ends_with("secure"));
    certificate.write("second.example");
    (*server)->renew_certificate();
    CHECK(told.next().empty());
    CHECK(name_shown(port) == "second.example");
}
