package io.culvert.websocket.jetty;

import io.culvert.websocket.Upgrade;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Writes the HTTP answer to what becomes no WebSocket. Needs nothing of Jetty's WebSocket. */
final class Refusal {
  static final Upgrade.Refuse NOT_ACCEPTING =
      new Upgrade.Refuse(503, "no WebSockets are accepted here now");

  private Refusal() {}

  static void write(Upgrade.Refuse refusal, Response response, Callback callback) {
    response.setStatus(refusal.status());
    HttpFields.Mutable headers = response.getHeaders();
    refusal.headers().forEach((name, value) -> headers.put(oneLine(name), oneLine(value)));
    headers.put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    headers.put(HttpHeader.CONNECTION, "close");
    Content.Sink.write(response, true, refusal.reason() + "\n", callback);
  }

  /** A line break in a value would let its author write headers of their own. */
  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
