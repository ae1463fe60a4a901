package io.culvert.websocket.jetty;

import io.culvert.websocket.UpgradeException;
import java.util.List;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.UpgradeProtocolHandler;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.websocket.core.util.WebSocketUtils;

/**
 * Looks at a 101 before Jetty upgrades the socket (RFC 6455 section 4.1): it must accept exactly
 * what was asked for.
 */
final class AnswerCheck extends UpgradeProtocolHandler {
  private final String offered;

  /**
   * @param offered the subprotocol; null for none
   */
  AnswerCheck(String offered) {
    this.offered = offered;
  }

  @Override
  public Response.Listener getResponseListener() {
    Response.Listener upgrade = super.getResponseListener();
    return new Response.Listener() {
      @Override
      public void onHeaders(Response answer) {
        String wrong = whyWrong(answer);
        if (wrong != null) {
          var unused =
              answer.abort(
                  new UpgradeException(
                      HttpStatus.SWITCHING_PROTOCOLS_101, "the peer answered 101, but " + wrong));
        }
      }

      @Override
      public void onComplete(Result result) {
        upgrade.onComplete(result);
      }
    };
  }

  /** Why the answer is not the one asked for; null if it is. */
  private String whyWrong(Response answer) {
    HttpFields headers = answer.getHeaders();
    if (!headers.contains(HttpHeader.UPGRADE, "websocket")
        || !headers.contains(HttpHeader.CONNECTION, "upgrade")) {
      return "its answer has no 'Upgrade: websocket' and 'Connection: Upgrade'";
    }
    List<String> chosen = headers.getCSV(HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL, true);
    if (!chosen.equals(offered == null ? List.of() : List.of(offered))) {
      return chosen.isEmpty()
          ? "it chose no subprotocol, expected " + offered
          : "it chose another subprotocol than "
              + (offered == null ? "none" : offered)
              + "; is it the right endpoint?";
    }
    if (!headers.getCSV(HttpHeader.SEC_WEBSOCKET_EXTENSIONS, true).isEmpty()) {
      return "it uses an extension that was not offered";
    }
    String key = answer.getRequest().getHeaders().get(HttpHeader.SEC_WEBSOCKET_KEY);
    return List.of(WebSocketUtils.hashKey(key))
            .equals(headers.getValuesList(HttpHeader.SEC_WEBSOCKET_ACCEPT))
        ? null
        : "its Sec-WebSocket-Accept does not fit the key that was sent";
  }
}
