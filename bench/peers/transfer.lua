-- A transfer in Redis: KEYS[1] is its id; ARGV are two numbers that choose the accounts, the number of accounts, and
-- the amount. 0: created, also when the same transfer was created before; 1: the id is in use for another transfer;
-- 3: it would overdraw. Favours Redis: a transfer is one short text, not a row of fields.
local accounts = tonumber(ARGV[3])
local debit = tonumber(ARGV[1]) % accounts + 1
local credit = (debit + tonumber(ARGV[2]) % (accounts - 1)) % accounts + 1
local amount = tonumber(ARGV[4])
local wanted = debit .. ':' .. credit .. ':' .. amount .. ':1:1'
local before = redis.call('GET', KEYS[1])
if before then
  if before == wanted then return 0 end
  return 1
end
local account = redis.call('HMGET', 'a:' .. debit, 'debits', 'credits', 'limited')
if account[3] == '1' and tonumber(account[1]) + amount > tonumber(account[2]) then return 3 end
redis.call('HINCRBY', 'a:' .. debit, 'debits', amount)
redis.call('HINCRBY', 'a:' .. credit, 'credits', amount)
redis.call('SET', KEYS[1], wanted)
return 0
