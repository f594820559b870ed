#include "sql/engine.h"

namespace yagura::sql {
namespace {

duckdb_state bind(duckdb_prepared_statement statement, idx_t index, const Value& value) {
    if (const auto* truth = std::get_if<bool>(&value))
        return duckdb_bind_boolean(statement, index, *truth);
    if (const auto* number = std::get_if<int64_t>(&value))
        return duckdb_bind_int64(statement, index, *number);
    if (const auto* real = std::get_if<double>(&value))
        return duckdb_bind_double(statement, index, *real);
    if (const auto* text = std::get_if<std::string>(&value)) {
        return duckdb_bind_varchar_length(statement, index, text->data(), text->size());
    }
    if (const auto* time = std::get_if<Timestamp>(&value)) {
        return duckdb_bind_timestamp(statement, index, {to_micros(*time)});
    }
    return duckdb_bind_null(statement, index);
}

class Extracted {
  public:
    Extracted(duckdb_connection connection, const std::string& sql) {
        count_ = duckdb_extract_statements(connection, sql.c_str(), &handle_);
    }
    Extracted(const Extracted&) = delete;
    Extracted& operator=(const Extracted&) = delete;
    ~Extracted() { duckdb_destroy_extracted(&handle_); }
    idx_t count() const { return count_; }
    duckdb_extracted_statements handle() const { return handle_; }

  private:
    duckdb_extracted_statements handle_ = nullptr;
    idx_t count_ = 0;
};

}  // namespace

Result<Statement> Connection::prepare(std::string_view sql) {
    const std::string text(sql);
    if (text.find('\0') != std::string::npos)
        return fail(Code::invalid, "SQL with a NUL character in it");
    const Extracted extracted(impl_->handle, text);
    if (extracted.count() == 0) {
        const char* message = duckdb_extract_statements_error(extracted.handle());
        return engine_error(DUCKDB_ERROR_PARSER, message ? message : "no statement");
    }
    if (extracted.count() > 1) return fail(Code::conflict, "more than one statement");
    auto prepared = std::make_shared<PreparedHandle>();
    prepared->connection = impl_;
    if (duckdb_prepare_extracted_statement(
            impl_->handle, extracted.handle(), 0, &prepared->handle) != DuckDBSuccess) {
        return engine_error(DUCKDB_ERROR_BINDER, duckdb_prepare_error(prepared->handle));
    }
    return Statement(std::make_unique<Statement::Impl>(Statement::Impl{std::move(prepared)}));
}

Statement::Statement(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Statement::Statement(Statement&&) noexcept = default;
Statement& Statement::operator=(Statement&&) noexcept = default;
Statement::~Statement() = default;

StatementKind Statement::kind() const {
    switch (duckdb_prepared_statement_type(impl_->prepared->handle)) {
        case DUCKDB_STATEMENT_TYPE_SELECT:
            return StatementKind::select;
        case DUCKDB_STATEMENT_TYPE_EXPLAIN:
            return StatementKind::explain;
        default:
            return StatementKind::other;
    }
}

size_t Statement::parameter_count() const {
    return duckdb_nparams(impl_->prepared->handle);
}

std::vector<Column> Statement::columns() const {
    const duckdb_prepared_statement handle = impl_->prepared->handle;
    std::vector<Column> out;
    for (idx_t i = 0; i < duckdb_prepared_statement_column_count(handle); ++i) {
        const char* name = duckdb_prepared_statement_column_name(handle, i);
        const duckdb_type type = duckdb_prepared_statement_column_type(handle, i);
        out.push_back({name ? name : "", type_of(type), engine_type_name(type)});
        duckdb_free(const_cast<char*>(name));
    }
    return out;
}

Result<Rows> Statement::run(std::span<const Value> values) {
    const duckdb_prepared_statement handle = impl_->prepared->handle;
    if (values.size() != parameter_count()) {
        return fail(Code::invalid,
                    "the statement takes " + std::to_string(parameter_count()) + " values, not " +
                        std::to_string(values.size()));
    }
    duckdb_clear_bindings(handle);
    for (size_t i = 0; i < values.size(); ++i) {
        if (bind(handle, i + 1, values[i]) != DuckDBSuccess) {
            return engine_error(DUCKDB_ERROR_INVALID_INPUT, duckdb_prepare_error(handle));
        }
    }
    duckdb_pending_result pending = nullptr;
    if (duckdb_pending_prepared_streaming(handle, &pending) != DuckDBSuccess) {
        const Error error = engine_error(DUCKDB_ERROR_INVALID_INPUT, duckdb_pending_error(pending));
        duckdb_destroy_pending(&pending);
        return error;
    }
    auto rows = std::make_unique<Rows::Impl>();
    rows->prepared = impl_->prepared;
    const duckdb_state state = duckdb_execute_pending(pending, &rows->result);
    duckdb_destroy_pending(&pending);
    if (state != DuckDBSuccess) {
        return engine_error(duckdb_result_error_type(&rows->result),
                            duckdb_result_error(&rows->result));
    }
    return Rows(std::move(rows));
}

Rows::Rows(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
    for (idx_t i = 0; i < duckdb_column_count(&impl_->result); ++i) {
        const char* name = duckdb_column_name(&impl_->result, i);
        const duckdb_type type = duckdb_column_type(&impl_->result, i);
        impl_->columns.push_back({name ? name : "", type_of(type), engine_type_name(type)});
    }
    if (duckdb_result_return_type(impl_->result) == DUCKDB_RESULT_TYPE_CHANGED_ROWS) {
        impl_->changed = duckdb_rows_changed(&impl_->result);
    }
}

Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

const std::vector<Column>& Rows::columns() const {
    return impl_->columns;
}
size_t Rows::size() const {
    return impl_->size;
}
const ColumnView& Rows::column(size_t index) const {
    return impl_->views[index];
}
uint64_t Rows::changed() const {
    return impl_->changed;
}

Result<bool> Rows::next() {
    if (impl_->chunk) duckdb_destroy_data_chunk(&impl_->chunk);
    impl_->size = 0;
    impl_->views.clear();
    impl_->chunk = duckdb_fetch_chunk(impl_->result);
    if (!impl_->chunk) {
        const char* message = duckdb_result_error(&impl_->result);
        if (message && *message)
            return engine_error(duckdb_result_error_type(&impl_->result), message);
        return false;
    }
    impl_->size = duckdb_data_chunk_get_size(impl_->chunk);
    if (impl_->size == 0) return false;
    for (size_t i = 0; i < impl_->columns.size(); ++i) {
        impl_->views.push_back(VectorAccess::view(duckdb_data_chunk_get_vector(impl_->chunk, i)));
    }
    return true;
}

Result<std::vector<std::vector<Value>>> Rows::all() {
    std::vector<std::vector<Value>> out;
    for (;;) {
        YAGURA_TRY(const bool more, next());
        if (!more) return out;
        for (size_t row = 0; row < size(); ++row) {
            std::vector<Value> values;
            for (const ColumnView& view : impl_->views) values.push_back(view.value(row));
            out.push_back(std::move(values));
        }
    }
}

}  // namespace yagura::sql
