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
#include <zdict.h>
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

inline std::string zstd(std::string_view text, int window_log = 0, bool checksum = false) {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum ? 1 : 0);
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

// With a dictionary that nobody else has.
inline std::string zstd_with_dictionary(std::string_view text) {
    std::string samples;
    std::vector<size_t> sizes;
    for (int i = 0; i < 2000; ++i) {
        const std::string sample = std::string(text) + std::to_string(i * 7919);
        samples += sample;
        sizes.push_back(sample.size());
    }
    std::string dictionary(4096, '\0');
    dictionary.resize(ZDICT_trainFromBuffer(dictionary.data(),
                                            dictionary.size(),
                                            samples.data(),
                                            sizes.data(),
                                            static_cast<unsigned>(sizes.size())));
    ZSTD_CCtx* context = ZSTD_createCCtx();
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress_usingDict(context,
                                       out.data(),
                                       out.size(),
                                       text.data(),
                                       text.size(),
                                       dictionary.data(),
                                       dictionary.size(),
                                       3));
    ZSTD_freeCCtx(context);
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

struct Packing {
    bool zip = false;
    const char* zip_options = "";
    const char* second_name = nullptr;  // of the first member: a hard link behind the others
};

inline std::string pack(const Members& members, const Packing& packing) {
    std::string out;
    archive* writer = archive_write_new();
    if (packing.zip) {
        archive_write_set_format_zip(writer);
        archive_write_set_options(writer, packing.zip_options);
        archive_write_set_passphrase(writer, "secret");
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
    if (packing.second_name != nullptr) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, packing.second_name);
        archive_entry_set_hardlink(entry, members.front().first.c_str());
        archive_entry_set_perm(entry, 0644);
        archive_write_header(writer, entry);
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    return out;
}

inline std::string tar(const Members& members) {
    return pack(members, {});
}
inline std::string zip(const Members& members) {
    return pack(members, {.zip = true});
}
// As most programs write it, sizes and checksum in front of the data; `flip` spoils the checksums.
inline std::string plain_zip(const Members& members, uint32_t flip = 0) {
    std::string out;
    const auto put = [&](uint64_t number, int bytes) {
        for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
    };
    for (const auto& [name, bytes] : members) {
        const auto size = static_cast<uint32_t>(bytes.size());
        const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
        put(0x04034B50, 4);
        put(20, 2);
        put(0, 8);  // flags, stored, time, date
        put(static_cast<uint32_t>(crc32(0, data, size)) ^ flip, 4);
        put(size, 4);
        put(size, 4);
        put(static_cast<uint32_t>(name.size()), 4);
        out += name + bytes;
    }
    put(0x06054B50, 4);  // an empty directory: it is not looked at
    return out + std::string(18, '\0');
}
inline std::string encrypted_zip(const Members& members) {
    return pack(members, {.zip = true, .zip_options = "zip:encryption=zipcrypt"});
}

}  // namespace yagura::decode
