package io.culvert.testkit.swaggersocket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.Okio;

/** Sends the calls of an OkHttp client through a scripted peer, as Go writes requests. */
final class PeerInterceptor implements Interceptor {
  private final Supplier<SwaggerPeer> peer;

  PeerInterceptor(Supplier<SwaggerPeer> peer) {
    this.peer = peer;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Request request = chain.request();
    SwaggerResponse response = peer.get().call(message(request));
    Headers.Builder headers = new Headers.Builder();
    response.headers().forEach(headers::add);
    return new Response.Builder()
        .request(request)
        .protocol(Protocol.HTTP_1_1)
        .code(response.status())
        .message(response.statusLine().substring(12).strip())
        .headers(headers.build())
        .body(ResponseBody.create(Okio.buffer(Okio.source(response.body())), null, -1))
        .build();
  }

  private static String message(Request request) throws IOException {
    String query = request.url().encodedQuery();
    String target = request.url().encodedPath() + (query == null ? "" : "?" + query);
    GoRequest message =
        GoRequest.of(request.method(), target)
            .host(request.url().host() + ":" + request.url().port());
    request.headers().forEach(header -> message.header(header.getFirst(), header.getSecond()));
    RequestBody body = request.body();
    if (body != null) {
      Buffer content = new Buffer();
      body.writeTo(content);
      message.body(content.readString(StandardCharsets.ISO_8859_1));
    }
    return message.message();
  }
}
