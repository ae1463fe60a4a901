/**
 * HTTP calls over a connection: the only importer of OkHttp besides {@code io.culvert} itself.
 *
 * <p>{@link io.culvert.okhttp.TunnelInterceptor} sends the calls of any {@code OkHttpClient}
 * through a connection; {@link io.culvert.okhttp.StreamSocketFactory} gives streams as sockets to
 * whoever builds a client without it.
 */
package io.culvert.okhttp;
