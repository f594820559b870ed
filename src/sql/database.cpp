#include "sql/database.h"

#include <mutex>
#include <thread>

#include "sql/engine.h"

namespace yagura::sql {
namespace {

Result<void> run_setting(duckdb_connection connection, const std::string& sql) {
    duckdb_result result;
    const duckdb_state state = duckdb_query(connection, sql.c_str(), &result);
    Result<void> out;
    if (state != DuckDBSuccess)
        out = engine_error(duckdb_result_error_type(&result), duckdb_result_error(&result));
    duckdb_destroy_result(&result);
    return out;
}

std::string list_of(const std::vector<std::filesystem::path>& folders) {
    std::string out = "[";
    for (const auto& folder : folders) {
        if (out.size() > 1) out += ", ";
        out += quote_literal(std::filesystem::absolute(folder).string());
    }
    return out + "]";
}

// Order matters: once external access is off nothing more can be allowed, and the lock comes last.
Result<void> lock_down(duckdb_connection connection,
                       const std::filesystem::path& spill,
                       const Options& options) {
    std::vector<std::string> settings;
    // Unset, it would be a folder where the program happens to stand, shared with others there.
    settings.push_back("SET temp_directory=" + quote_literal(spill.string()));
    if (options.temp_limit_bytes > 0) {
        settings.push_back("SET max_temp_directory_size='" +
                           std::to_string(options.temp_limit_bytes) + "B'");
    }
    // The files of a lake never change under their name.
    settings.push_back("SET parquet_metadata_cache=true");
    if (!options.allowed_directories.empty()) {
        settings.push_back("SET allowed_directories=" + list_of(options.allowed_directories));
    }
    settings.push_back("SET TimeZone='UTC'");
    settings.push_back("SET enable_external_access=false");
    if (options.lock_configuration) settings.push_back("SET lock_configuration=true");
    for (const std::string& setting : settings) YAGURA_CHECK(run_setting(connection, setting));
    return {};
}

Result<duckdb_database> open_memory(const Options& options) {
    const uint32_t threads =
        options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
    const std::pair<const char*, std::string> settings[] = {
        {"threads", std::to_string(threads)},
        {"memory_limit", std::to_string(options.memory_limit_bytes) + "B"},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
    };
    duckdb_config config = nullptr;
    if (duckdb_create_config(&config) != DuckDBSuccess)
        return fail(Code::internal, "cannot configure the engine");
    for (const auto& [name, value] : settings) {
        if (duckdb_set_config(config, name, value.c_str()) == DuckDBSuccess) continue;
        duckdb_destroy_config(&config);
        return fail(Code::invalid, std::string("the engine refuses ") + name + "=" + value);
    }
    duckdb_database database = nullptr;
    char* message = nullptr;
    const duckdb_state state = duckdb_open_ext(nullptr, &database, config, &message);
    duckdb_destroy_config(&config);
    const std::string sentence = message ? message : "cannot start the engine";
    duckdb_free(message);
    if (state != DuckDBSuccess) return fail(Code::internal, sentence);
    return database;
}

}  // namespace

Result<Database> Database::open(const Options& options) {
    YAGURA_CHECK(load_library());
    auto impl = std::make_shared<Impl>(options.temp_directory);
    YAGURA_TRY(impl->handle, open_memory(options));
    Database database(std::move(impl));
    YAGURA_TRY(auto connection, Connection::Impl::open(database.impl_));
    YAGURA_CHECK(lock_down(connection->handle, database.impl_->spill.path(), options));
    return database;
}

Database::Database(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;
Database::Impl::~Impl() {
    duckdb_close(&handle);
}

Result<Connection> Database::connect() {
    YAGURA_TRY(auto impl, Connection::Impl::open(impl_));
    return Connection(std::move(impl));
}

Result<std::shared_ptr<Connection::Impl>> Connection::Impl::open(
    std::shared_ptr<Database::Impl> database) {
    auto impl = std::make_shared<Impl>();
    if (duckdb_connect(database->handle, &impl->handle) != DuckDBSuccess) {
        return fail(Code::internal, "cannot connect to the engine");
    }
    impl->database = std::move(database);
    return impl;
}

Connection::Connection(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;
Connection::Impl::~Impl() {
    duckdb_disconnect(&handle);
}

Result<Rows> Connection::query(std::string_view sql, std::span<const Value> values) {
    YAGURA_TRY(auto statement, prepare(sql));
    return statement.run(values);
}

Result<uint64_t> Connection::execute(std::string_view sql, std::span<const Value> values) {
    YAGURA_TRY(auto rows, query(sql, values));
    const uint64_t changed = rows.changed();
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) return changed;
    }
}

void Connection::interrupt() {
    duckdb_interrupt(impl_->handle);
}

std::string engine_version() {
    return load_library() ? duckdb_library_version() : "";
}

}  // namespace yagura::sql
