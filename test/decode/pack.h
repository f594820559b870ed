// Compresses and packs, with the libraries' own writers.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <bzlib.h>
#include <zlib.h>
#include <zstd.h>

namespace yagura::decode {

inline std::string gzip(std::string_view text, int level = 6) {
    z_stream zlib{};
    deflateInit2(&zlib, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&zlib, text.size()) + 64, '\0');
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    zlib.avail_in = static_cast<uInt>(text.size());
    zlib.next_out = reinterpret_cast<Bytef*>(out.data());
    zlib.avail_out = static_cast<uInt>(out.size());
    deflate(&zlib, Z_FINISH);
    out.resize(zlib.total_out);
    deflateEnd(&zlib);
    return out;
}

inline std::string zstd(std::string_view text, int window_log = 0) {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    if (window_log != 0) {
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    }
    std::string out(ZSTD_compressBound(text.size()) + 64, '\0');
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    ZSTD_inBuffer from{text.data(), text.size(), 0};
    // In two steps, so that the writer cannot know the size and shrink the window.
    ZSTD_compressStream2(context, &to, &from, ZSTD_e_flush);
    ZSTD_compressStream2(context, &to, &from, ZSTD_e_end);
    ZSTD_freeCCtx(context);
    out.resize(to.pos);
    return out;
}

inline std::string bzip2(std::string_view text) {
    std::string out(text.size() + text.size() / 50 + 1000, '\0');
    auto size = static_cast<unsigned>(out.size());
    BZ2_bzBuffToBuffCompress(out.data(),
                             &size,
                             const_cast<char*>(text.data()),
                             static_cast<unsigned>(text.size()),
                             9,
                             0,
                             0);
    out.resize(size);
    return out;
}

using Members = std::vector<std::pair<std::string, std::string>>;

inline std::string pack(const Members& members, bool zip, bool encrypted = false) {
    std::string out;
    archive* writer = archive_write_new();
    if (zip) {
        archive_write_set_format_zip(writer);
        if (encrypted) {
            archive_write_set_options(writer, "zip:encryption=zipcrypt");
            archive_write_set_passphrase(writer, "secret");
        }
    } else {
        archive_write_set_format_pax_restricted(writer);
    }
    archive_write_set_bytes_per_block(writer, 0);
    archive_write_open(
        writer,
        &out,
        nullptr,
        [](archive*, void* to, const void* bytes, size_t size) -> la_ssize_t {
            static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
            return static_cast<la_ssize_t>(size);
        },
        nullptr);
    for (const auto& [name, bytes] : members) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, name.c_str());
        archive_entry_set_filetype(entry, name.ends_with('/') ? AE_IFDIR : AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
        archive_write_header(writer, entry);
        if (!bytes.empty()) archive_write_data(writer, bytes.data(), bytes.size());
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    return out;
}

inline std::string tar(const Members& members) {
    return pack(members, false);
}
inline std::string zip(const Members& members) {
    return pack(members, true);
}
inline std::string encrypted_zip(const Members& members) {
    return pack(members, true, true);
}

}  // namespace yagura::decode
