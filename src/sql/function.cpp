#include "sql/engine.h"

namespace yagura::sql {

void FunctionOutput::set_null(size_t row) {
    const auto vector = static_cast<duckdb_vector>(vector_);
    duckdb_vector_ensure_validity_writable(vector);
    duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), row);
}

void FunctionOutput::set(size_t row, std::string_view value) {
    duckdb_vector_assign_string_element_len(
        static_cast<duckdb_vector>(vector_), row, value.data(), value.size());
}

struct FunctionCall {
    static void run(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
        const auto& function =
            *static_cast<const ScalarFunction*>(duckdb_scalar_function_get_extra_info(info));
        const size_t rows = duckdb_data_chunk_get_size(input);
        std::vector<ColumnView> arguments;
        for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(input); ++i) {
            arguments.push_back(VectorAccess::view(duckdb_data_chunk_get_vector(input, i)));
        }
        FunctionOutput out;
        out.vector_ = output;
        out.data_ = duckdb_vector_get_data(output);
        function.call(arguments, rows, out);
        if (!out.error_.empty()) {
            duckdb_scalar_function_set_error(info, out.error_.c_str());
            return;
        }
        if (!function.sees_null) copy_nulls(arguments, rows, out);
    }

    static void copy_nulls(const std::vector<ColumnView>& arguments,
                           size_t rows,
                           FunctionOutput& out) {
        for (const ColumnView& argument : arguments) {
            for (size_t row = 0; row < rows; ++row) {
                if (argument.is_null(row)) out.set_null(row);
            }
        }
    }
};

Result<void> Connection::add_function(ScalarFunction function) {
    duckdb_scalar_function handle = duckdb_create_scalar_function();
    duckdb_scalar_function_set_name(handle, function.name.c_str());
    for (const Type type : function.parameters) {
        duckdb_logical_type logical = duckdb_create_logical_type(engine_type(type));
        duckdb_scalar_function_add_parameter(handle, logical);
        duckdb_destroy_logical_type(&logical);
    }
    duckdb_logical_type result = duckdb_create_logical_type(engine_type(function.result));
    duckdb_scalar_function_set_return_type(handle, result);
    duckdb_destroy_logical_type(&result);
    // Special handling lets the function see NULLs; without it DuckDB would skip only constant
    // ones.
    duckdb_scalar_function_set_special_handling(handle);
    const std::string name = function.name;
    duckdb_scalar_function_set_extra_info(
        handle, new ScalarFunction(std::move(function)), [](void* owned) {
            delete static_cast<ScalarFunction*>(owned);
        });
    duckdb_scalar_function_set_function(handle, FunctionCall::run);
    const duckdb_state state = duckdb_register_scalar_function(impl_->handle, handle);
    duckdb_destroy_scalar_function(&handle);
    if (state != DuckDBSuccess) return fail(Code::invalid, "cannot register the function " + name);
    return {};
}

}  // namespace yagura::sql
