import Foundation

/// The variables that programs get which are started to serve, to train and to convert: how the machine is laid out and
/// what its devices are, and nothing else. The daemon's environment holds its keys and tokens. These programs must not
/// get them, since they run packages that other people wrote.
package enum ChildEnvironment {
    private static let names: Set<String> = [
        "HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER", "XDG_CACHE_HOME",
    ]
    private static let prefixes = [
        "CUDA_", "GGML_", "GOMP_", "HIP_", "HSA_", "KMP_", "LC_", "MKL_", "NCCL_", "NVIDIA_", "OMP_", "OPENBLAS_",
        "PYTORCH_", "ROCM_", "ROCR_", "TORCH_", "TRITON_",
    ]
    /// The further variables that pip reads: where packages come from, and which proxies and certificates are used.
    private static let installing: (names: Set<String>, prefixes: [String]) = (
        [
            "ALL_PROXY", "CURL_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "NETRC", "NO_PROXY", "REQUESTS_CA_BUNDLE",
            "SSL_CERT_DIR", "SSL_CERT_FILE", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "all_proxy", "http_proxy",
            "https_proxy", "no_proxy",
        ], ["PIP_"]
    )

    /// - Parameter installs: whether the program fetches packages.
    package static func kept(
        of environment: [String: String] = ProcessInfo.processInfo.environment, installs: Bool = false
    ) -> [String: String] {
        environment.filter { name, _ in
            names.contains(name) || prefixes.contains(where: name.hasPrefix)
                || installs && (installing.names.contains(name) || installing.prefixes.contains(where: name.hasPrefix))
        }
    }
}
