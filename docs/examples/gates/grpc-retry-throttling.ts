import { defineGate, type Gate } from 'rxjs-retry-client';

/** gRPC's retry throttling: https://github.com/grpc/proposal/blob/master/A6-client-retries.md */
export function grpcRetryThrottling({ maxTokens = 10, tokenRatio = 0.1 } = {}): Gate {
  // In thousandths, since decimals beyond the third do not count. The sums are exact then.
  const max = maxTokens * 1_000;
  const refund = Math.floor(tokenRatio * 1_000 + 1e-6);
  const tokens = new Map<string, number>();
  const serverOf = ({ url = '' }): string => (url === '' ? '' : new URL(url).host);
  const tokensOf = (server: string): number => tokens.get(server) ?? max;
  return defineGate({
    name: 'grpc-retry-throttling',
    // A retry follows a failure, which costs a token, too, but is told afterwards. A hedge follows none.
    allowsRetry: (attempt, outcome) => tokensOf(serverOf(attempt)) - (outcome ? 1_000 : 0) > max / 2,
    next: (event) => {
      const server = serverOf(event.attempt);
      // An answer that is not retried, such as 404, is neither a failure nor a success.
      const hasFailed =
        event.type === 'retry' || (event.type === 'failure' && ['attempts', 'rejected'].includes(event.reason));
      const hasSucceeded = event.type === 'response' && event.response.ok;
      if (hasFailed) tokens.set(server, Math.max(0, tokensOf(server) - 1_000));
      if (hasSucceeded) tokens.set(server, Math.min(max, tokensOf(server) + refund));
    },
  });
}
