/**
 * A self-signed certificate for `localhost` and 127.0.0.1, valid from 2024 to 2123, and its key. No client trusts it.
 *
 * Both are for these specs alone and protect nothing, so the key is no secret. They are stored, because Node cannot
 * create certificates and not every machine has openssl.
 */
export const certificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGEbf2wnC+ARR7c3X
UnY/gOkW355ljd2SurPnjOd038WhRANCAATQMz6J+BfwMQcRwsIJo7cWMfj+sDjp
nCfirrUsmz9zdZX5kg+0EF0cqw0wXikTWdOnu8s0wDiWKZkatmVDs7hJ
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBbTCCAROgAwIBAgIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxob3N0aWxl
LnRlc3QwIBcNMjQwMTAxMDAwMDAwWhgPMjEyMzEyMzEwMDAwMDBaMBcxFTATBgNV
BAMMDGhvc3RpbGUudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNAzPon4
F/AxBxHCwgmjtxYx+P6wOOmcJ+KutSybP3N1lfmSD7QQXRyrDTBeKRNZ06e7yzTA
OJYpmRq2ZUOzuEmjTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNV
HRMBAf8EBTADAQH/MB0GA1UdDgQWBBSqIAemtQoaNfgymL6CsxY+TpnadTAKBggq
hkjOPQQDAgNIADBFAiBEKzGXElWEvxT7ro1HUfw/PONyN7ypS/9ObxbSEx2meAIh
ANIqHXJEZNZ48M87df3zJoaACaAqfbBcC6VQkkD27nyW
-----END CERTIFICATE-----`,
};
