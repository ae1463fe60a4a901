package io.culvert.chaos;

import io.culvert.SocketConnection;
import java.net.InetSocketAddress;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;

/**
 * How a side reaches the service of the other one.
 *
 * @param client a new client's settings
 * @param base where the service is
 */
record Caller(Supplier<OkHttpClient.Builder> client, HttpUrl base) {

  /** Through a connection. */
  static Caller through(SocketConnection connection) {
    return new Caller(
        () -> new OkHttpClient.Builder().addInterceptor(connection),
        HttpUrl.get("http://chaos.test/"));
  }

  /** As the public does; nothing is sent twice. */
  static Caller directly(InetSocketAddress address) {
    return new Caller(
        () -> new OkHttpClient.Builder().retryOnConnectionFailure(false),
        HttpUrl.get("http://127.0.0.1:" + address.getPort() + "/"));
  }

  HttpUrl.Builder url(String path) {
    return base.newBuilder().addPathSegment(path);
  }
}
